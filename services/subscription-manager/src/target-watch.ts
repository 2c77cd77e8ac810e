/** Asks who we are in every target, at start and then again and again, and shows it in health. */
import type { ControlPlane } from '@federation-agent/aws-control-plane';
import type { ServiceContext } from '@federation-agent/service-kit';
import { createTargetHealth } from './target-health.ts';

/** @param planes by integration id */
export function startTargetWatch(
  planes: ReadonlyMap<string, ControlPlane>,
  { health, telemetry, clock, limits }: Pick<ServiceContext, 'health' | 'telemetry' | 'clock' | 'limits'>,
): { stop(): Promise<void> } {
  const { log } = telemetry.forArea('aws');
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = (): boolean => signal.aborted;
  const watch = async (integrationId: string, plane: ControlPlane): Promise<void> => {
    const shown = createTargetHealth({ integrationId, health, log });
    while (!stopped()) {
      const targets = await plane.targets(signal);
      // One that is stopped tells of targets that wait for nothing but the stop.
      if (!stopped()) shown.update(targets);
      await clock.sleep(limits.sweepInterval, signal);
    }
    shown.close();
  };
  const watches = [...planes].map(([integrationId, plane]) => watch(integrationId, plane));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(watches);
    },
  };
}
