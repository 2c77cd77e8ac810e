import { expect, test } from '@jest/globals';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { createTelemetry } from './create.ts';
import { openMetrics } from './exemplars.ts';
import { defineMetrics } from './metrics.ts';

const specs = {
  seconds: {
    type: 'histogram',
    name: 'a_seconds',
    help: 'h',
    labels: ['type'],
    buckets: [1, 5],
    exemplars: true,
  },
  done: { type: 'counter', name: 'a_done_total', help: 'h' },
} as const;

test('a bucket names the trace that last fell into it, and both forms keep their names however often they are read', async () => {
  const telemetry = createTelemetry({
    service: 's',
    instance: 'i',
    version: '1',
    level: 'info',
    destination: { write: () => undefined },
    spanExporter: new InMemorySpanExporter(),
  });
  const { registry } = telemetry;
  const metrics = defineMetrics(registry, specs);
  metrics.done.inc();
  metrics.seconds.observe({ type: 'X' }, 0.5);
  const traceId = await telemetry.span('work', {}, (span) => {
    metrics.seconds.observe({ type: 'X' }, 3);
    metrics.seconds.observe({ type: 'X' }, 30);
    return Promise.resolve(span.spanContext().traceId);
  });
  const classic = await registry.metrics();
  const { type, text } = await openMetrics(registry);
  expect(type).toContain('application/openmetrics-text');
  expect(text).toMatch(
    new RegExp(
      `a_seconds_bucket\\{le="5",type="X"\\} 2 # \\{trace_id="${traceId}",span_id="\\w+"\\} 3 `,
      'u',
    ),
  );
  expect(text).toMatch(
    new RegExp(`a_seconds_bucket\\{le="\\+Inf",type="X"\\} 3 # \\{trace_id="${traceId}"`, 'u'),
  );
  expect(text).not.toMatch(/le="1".*#/u);
  expect(text).toContain('# TYPE a_done counter\na_done_total 1');
  expect(text.endsWith('# EOF\n')).toBe(true);
  expect(await registry.metrics()).toBe(classic);
  expect(classic).toContain('a_done_total 1');
  expect(classic).not.toContain('trace_id');
});
