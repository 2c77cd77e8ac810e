import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface TestTelemetry extends Telemetry {
  /** Log lines so far, parsed. */
  lines(): Record<string, unknown>[];
  /** Finished spans so far. */
  spans(): ReadableSpan[];
}

export function testTelemetry(service = 'test'): TestTelemetry {
  throw new Error(`not here yet: ${service}`);
}
