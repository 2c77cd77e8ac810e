/** Log lines on stdout: JSON with trace ids, redacted by name and by value; readable text on a terminal. */
import { isatty } from 'node:tty';
import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';
import { describeError } from '../errors.ts';
import type { LogLevels } from './log-levels.ts';
import { prettyLine } from './log-pretty.ts';
import type { Secrets } from './redact.ts';

export type LogFormat = 'json' | 'pretty';

export interface LogOptions {
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly levels: LogLevels;
  readonly secrets: Secrets;
  readonly destination: DestinationStream;
}

const stdout = 1;

/** Stdout in the configured format; without one, readable text on a terminal and JSON elsewhere. */
export function logDestination(format: LogFormat | undefined): DestinationStream {
  const out = pino.destination({ dest: stdout, sync: true });
  const watched = isatty(stdout);
  if ((format ?? (watched ? 'pretty' : 'json')) === 'json') return out;
  const colour = watched && (process.env['NO_COLOR'] ?? '') === '';
  return { write: (line: string) => out.write(prettyLine(line, colour)) };
}

/**
 * A logger with the name of its service. A child with the binding `logger` is an area of the service, such as
 * `gateway-link.broker`, and has its own level. Any other child has its parent's level.
 */
export function createLog(options: LogOptions): Logger {
  const { service, instance, version, levels, secrets, destination } = options;
  const names = new WeakMap<object, string>();
  levels.add(service);
  const base = pino(
    {
      // All lines reach `logMethod`, which checks the current level: the level may change at any time.
      level: 'trace',
      base: { service, instance, version },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      mixin: traceIds,
      onChild: (child) => {
        const { logger } = child.bindings();
        if (typeof logger !== 'string') return;
        const name = `${service}.${logger}`;
        names.set(child, name);
        levels.add(name);
      },
      hooks: {
        logMethod(args, method, level) {
          const least = base.levels.values[levels.levelOf(names.get(this) ?? service)];
          if (least === undefined || level >= least) method.apply(this, args);
        },
      },
    },
    {
      write: (line: string) => {
        destination.write(secrets.redactLine(line));
      },
    },
  );
  return base;
}

/** Only what is meant for people: fields of an SDK error may hold a request with its credentials. */
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
