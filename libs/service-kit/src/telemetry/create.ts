import type { Telemetry, TelemetryOptions } from './telemetry.ts';

/** Telemetry of a process. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  throw new Error(`not here yet: ${options.service}`);
}
