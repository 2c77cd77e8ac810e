/** Which services a process has, as a metric: dashboards show their versions, and alerts notice a missing service. */
import type { Registry } from 'prom-client';
import { defineMetrics } from './metrics.ts';

/** @public `npm run docs` looks for it. */
export const buildMetricSpecs = {
  build: {
    type: 'gauge',
    name: 'federation_build_info',
    help: '1 for each service in this process, with its version',
    labels: ['service', 'version'],
  },
} as const;

export function setBuildInfo(registry: Registry, service: string, version: string): void {
  defineMetrics(registry, buildMetricSpecs).build.set({ service, version }, 1);
}
