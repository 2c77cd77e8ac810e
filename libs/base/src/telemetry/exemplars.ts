/**
 * Exemplars: a histogram's bucket names the trace that last fell into it, so that a slow one is one click from its
 * trace.
 */
import { isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api';
import {
  Histogram,
  Registry,
  type HistogramConfiguration,
  type Metric,
  type OpenMetricsContentType,
} from 'prom-client';

/** A histogram that is used as any other, and takes the trace from the active span when that one is kept. */
export function withExemplars<Label extends string>(
  configuration: HistogramConfiguration<Label>,
): Histogram<Label> {
  // prom-client makes one in a registry of OpenMetrics only; it is the same thing in the other.
  const registers = [openRegistry()];
  const histogram = new Histogram({ ...configuration, registers, enableExemplars: true });
  for (const registry of configuration.registers ?? []) registry.registerMetric(histogram);
  // With exemplars prom-client takes one object instead of labels and value.
  const observe = histogram.observe.bind(histogram) as (observation: object) => void;
  histogram.observe = (...args: unknown[]): void => {
    const [labels, value] = args.length > 1 ? args : [{}, args[0]];
    const exemplarLabels = activeTrace();
    observe({ labels, value, ...(exemplarLabels && { exemplarLabels }) });
  };
  return histogram;
}

/** The names that Prometheus and Grafana look for; undefined without a span, or with one that nobody keeps. */
function activeTrace(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span) || (span.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: span.traceId, span_id: span.spanId };
}

/**
 * What is in the registry in the form of OpenMetrics, which has exemplars. prom-client renames counters in place when
 * it writes that form, and the next scraper of the classic form would find other names: so it is given stand-ins.
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
