/**
 * Exemplars: a histogram's bucket names the last trace that fell into it, so that a slow call leads to its trace with
 * one click.
 */
import { isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api';
import {
  Histogram,
  Registry,
  type HistogramConfiguration,
  type Metric,
  type OpenMetricsContentType,
} from 'prom-client';

/** A histogram that is used like any other. It takes the trace from the active span, when that span is recorded. */
export function withExemplars<Label extends string>(
  configuration: HistogramConfiguration<Label>,
): Histogram<Label> {
  // prom-client requires an OpenMetrics registry to create it; it works in the other registry too.
  const registers = [openRegistry()];
  const histogram = new Histogram({ ...configuration, registers, enableExemplars: true });
  for (const registry of configuration.registers ?? []) registry.registerMetric(histogram);
  // With exemplars, prom-client takes one object instead of labels and value.
  const observe = histogram.observe.bind(histogram) as (observation: object) => void;
  histogram.observe = (...args: unknown[]): void => {
    const [labels, value] = args.length > 1 ? args : [{}, args[0]];
    const exemplarLabels = activeTrace();
    observe({ labels, value, ...(exemplarLabels && { exemplarLabels }) });
  };
  return histogram;
}

/** With the names that Prometheus and Grafana expect; undefined without a span, or when the span is not recorded. */
function activeTrace(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span) || (span.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: span.traceId, span_id: span.spanId };
}

/**
 * The registry in the OpenMetrics format, which has exemplars. To write that format prom-client renames counters in
 * place, and the next scrape in the classic format would get the new names. So this gives it copies.
 */
export async function openMetrics(
  registry: Registry,
): Promise<{ readonly type: string; readonly text: string }> {
  const view = openRegistry();
  for (const metric of registry.getMetricsAsArray()) {
    view.registerMetric(Object.create(metric) as Metric);
  }
  return { type: view.contentType, text: await view.metrics() };
}

function openRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
