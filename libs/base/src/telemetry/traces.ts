/** OpenTelemetry traces without its Node SDK: a third of the start-up time, and no patched modules. */
import { context, SpanKind, SpanStatusCode, type Span, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { describeError } from '../errors.ts';
import { extractTrace } from './propagation.ts';
import type { Secrets } from './redact.ts';
import type { SpanOptions } from './telemetry.ts';
import { inheritedWorkAttributes, withWorkAttributes } from './work-attributes.ts';

const kinds = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** @param endpoint base URL of an OTLP receiver, such as `http://localhost:4318` */
export function otlpExporter(endpoint: string): SpanExporter {
  const base = endpoint.replace(/\/+$/u, '');
  return new OTLPTraceExporter({ url: base.endsWith('/v1/traces') ? base : `${base}/v1/traces` });
}

/** Redacts the values in a span, as the last step before it leaves. */
export function redactingExporter(exporter: SpanExporter, secrets: Secrets): SpanExporter {
  const clean = (attributes: Record<string, unknown>): void => {
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === 'string') attributes[key] = secrets.redact(value);
    }
  };
  return {
    export: (spans: ReadableSpan[], done) => {
      for (const span of spans) {
        clean(span.attributes);
        for (const event of span.events) clean(event.attributes ?? {});
        if (span.status.message) span.status.message = secrets.redact(span.status.message);
      }
      exporter.export(spans, done);
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

/** One provider per service name, because several services may share a process. */
export function createProvider(
  resource: { readonly service: string; readonly instance: string; readonly version: string },
  exporter: SpanExporter | undefined,
  mode: 'batch' | 'at-once',
): TracerProvider {
  return new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': resource.service,
      'service.namespace': 'federation-agent',
      'service.instance.id': resource.instance,
      'service.version': resource.version,
    }),
    spanProcessors: exporter
      ? [mode === 'batch' ? new BatchSpanProcessor({ exporter }) : new SimpleSpanProcessor({ exporter })]
      : [],
  });
}

/** Runs with an active span. An error is recorded and thrown again. */
export async function withSpan<T>(
  tracer: Tracer,
  secrets: Secrets,
  name: string,
  { kind = 'internal', attributes, parent, links }: SpanOptions,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const outside = context.active();
  const all = { ...inheritedWorkAttributes(outside), ...attributes };
  const from = withWorkAttributes(parent ? extractTrace(parent) : outside, all);
  const options = {
    kind: kinds[kind],
    attributes: all,
    ...(links && { links: [...links] }),
  };
  return tracer.startActiveSpan(name, options, from, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      const message = secrets.redact(describeError(error));
      span.recordException({ name: Error.isError(error) ? error.name : 'Error', message });
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
}
