/** The body of `/_node/health`, in the format of the official agents: probes by name, each healthy or not. */
import type { HealthReport } from './health.ts';

interface Probe {
  readonly healthy: boolean;
  readonly status: 'up' | 'degraded' | 'down';
  readonly message?: string;
  readonly required?: boolean;
  readonly data?: object;
}

export interface Probes {
  /** True when none of the probes asked for is down. */
  readonly healthy: boolean;
  readonly probes: Readonly<Record<string, Probe>>;
}

/** This server: an answer shows that it works. The liveness probe of the official chart asks only for it. */
const httpServer = 'http-server';

/**
 * @param only names or parts of names: `apim` means each of `gateway-link.apim` and `apim:<integration>`; absent: all
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
