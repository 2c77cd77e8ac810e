/** JSON lines to stdout, with trace ids, redacted by path and by value. */
import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';
import { describeError } from '../errors.ts';
import { redacted, secretPaths, type Secrets } from './redact.ts';

export interface LogOptions {
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly level: string;
  readonly secrets: Secrets;
  readonly destination?: DestinationStream | undefined;
}

export function createLog(options: LogOptions): Logger {
  const { service, instance, version, level, secrets } = options;
  const out = options.destination ?? pino.destination({ dest: 1, sync: true });
  return pino(
    {
      level,
      base: { service, instance, version },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      redact: { paths: [...secretPaths], censor: redacted },
      mixin: traceIds,
    },
    {
      write: (line: string) => {
        out.write(secrets.redactLine(line));
      },
    },
  );
}

/** Only what is meant for people: the fields of an SDK error may hold a request with its credentials. */
function serializeError(error: unknown): object {
  if (!Error.isError(error)) return { message: describeError(error) };
  const { name, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { type: name, message: describeError(error), code, stack };
}

function traceIds(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
