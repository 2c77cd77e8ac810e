/** The body of `/_node/health`, in the form of the official agents: a probe by its name, each healthy or not. */
import type { HealthReport } from './health.ts';

interface Probe {
  readonly healthy: boolean;
  readonly status: 'up' | 'degraded' | 'down';
  readonly message?: string;
  readonly required?: boolean;
  readonly data?: object;
}

export interface Probes {
  /** No probe that was asked for is down. */
  readonly healthy: boolean;
  readonly probes: Readonly<Record<string, Probe>>;
}

/** This server: whoever reads it knows that it answers. The liveness probe of the official chart asks for it alone. */
const httpServer = 'http-server';

/**
 * @param only names, or parts of names: `apim` is each of `gateway-link.apim` and `apim:<integration>`; absent: all
 */
export function probesOf(report: HealthReport, only?: readonly string[]): Probes {
  const all: [string, Probe][] = [
    [httpServer, { healthy: true, status: 'up' }],
    ...Object.entries(report.components).map(([name, state]): [string, Probe] => {
      const { status, detail, required, data } = state;
      const probe = {
        healthy: status !== 'down',
        status,
        ...(detail !== undefined && { message: detail }),
        ...(required !== undefined && { required }),
        ...(data !== undefined && { data }),
      };
      return [name, probe];
    }),
  ];
  const probes = all.filter(([name]) => only === undefined || only.some((part) => isNamed(name, part)));
  return { healthy: probes.every(([, { healthy }]) => healthy), probes: Object.fromEntries(probes) };
}

function isNamed(name: string, part: string): boolean {
  return name === part || name.split(/[.:]/u).includes(part);
}
