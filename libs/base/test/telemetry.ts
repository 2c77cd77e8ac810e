import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { createTelemetry } from '../src/telemetry/create.ts';
import type { Telemetry } from '../src/telemetry/telemetry.ts';

export interface TestTelemetry extends Telemetry {
  /** Log lines so far, parsed. */
  lines(): Record<string, unknown>[];
  /** Finished spans so far. */
  spans(): ReadableSpan[];
}

/** Telemetry that keeps everything from level debug up. */
export function testTelemetry(service = 'test'): TestTelemetry {
  const lines: string[] = [];
  const spanExporter = new InMemorySpanExporter();
  const telemetry = createTelemetry({
    service,
    instance: `${service}-1`,
    version: '0.0.0',
    level: 'debug',
    destination: { write: (line: string) => void lines.push(line) },
    spanExporter,
  });
  return {
    ...telemetry,
    lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    spans: () => spanExporter.getFinishedSpans(),
  };
}
