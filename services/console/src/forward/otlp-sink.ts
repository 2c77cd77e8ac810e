/**
 * Sends events to an OTLP/HTTP endpoint as log records, in OTLP's JSON. One request per event: only the answer says
 * that the event is there, and an exporter that batches would say so before.
 */
import type { ForwardedEvent, Sink } from './sink.ts';

export interface OtlpSinkOptions {
  /** Base URL, with or without `/v1/logs`. */
  readonly endpoint: string;
  readonly authorization?: string;
  readonly instance: string;
  readonly version: string;
  /** Called with the reason when the endpoint took the request and not the event: it never will. */
  readonly onRejected: (reason: string) => void;
}

const answerMs = 10_000;
/** OTLP's numbers of INFO and WARN. */
const severity = { info: 9, warn: 13 } as const;

export function otlpSink(options: OtlpSinkOptions): Sink {
  const base = options.endpoint.replace(/\/+$/u, '');
  const url = base.endsWith('/v1/logs') ? base : `${base}/v1/logs`;
  const { authorization } = options;
  const headers = {
    'content-type': 'application/json',
    ...(authorization !== undefined && { authorization }),
  };
  return {
    way: 'otlp',
    to: url,
    close: () => Promise.resolve(),
    write: async (event, signal) => {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(requestOf(event, options)),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`it answers ${response.status} ${response.statusText}`);
      const rejected = rejectionIn(answer);
      if (rejected !== undefined) options.onRejected(rejected);
    },
  };
}

/** An ExportLogsServiceRequest. @see https://opentelemetry.io/docs/specs/otlp/ */
function requestOf(
  { sequence, at, name, failed, body, traceId }: ForwardedEvent,
  { instance, version }: OtlpSinkOptions,
): object {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const time = `${BigInt(Math.round(at)) * 1_000_000n}`;
  const fields = Object.entries(body).filter(([, value]) => typeof value !== 'object');
  return {
    resourceLogs: [
      {
        resource: {
          attributes: [
            text('service.name', 'federation-agent'),
            text('service.instance.id', instance),
            text('service.version', version),
          ],
        },
        scopeLogs: [
          {
            scope: { name: 'federation-agent.events' },
            logRecords: [
              {
                timeUnixNano: time,
                observedTimeUnixNano: time,
                severityNumber: failed ? severity.warn : severity.info,
                severityText: failed ? 'WARN' : 'INFO',
                body: { stringValue: JSON.stringify(body) },
                attributes: [
                  text('event.name', name),
                  text('federation.event.sequence', String(sequence)),
                  ...fields.map(([key, value]) => text(`federation.event.${key}`, String(value))),
                ],
                ...(traceId !== undefined && { traceId }),
              },
            ],
          },
        ],
      },
    ],
  };
}

/** The specification forbids to send again what was rejected in a partial success. */
function rejectionIn(answer: string): string | undefined {
  try {
    const { partialSuccess } = JSON.parse(answer) as {
      partialSuccess?: { rejectedLogRecords?: string | number; errorMessage?: string };
    };
    return Number(partialSuccess?.rejectedLogRecords ?? 0) > 0
      ? (partialSuccess?.errorMessage ?? 'without a reason')
      : undefined;
  } catch {
    // An empty answer, or protobuf, is a success too.
    return undefined;
  }
}
