/** Logs, traces and metrics of one service, passed in as one object. */
import type { Attributes, Link, Span } from '@opentelemetry/api';
import type { DestinationStream, Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { LogFormat } from './log.ts';
import type { LogLevel, LogLevels } from './log-levels.ts';

/** Headers of a message or a request, including W3C trace context. */
export type Carrier = Readonly<Record<string, string>>;

export interface SpanOptions {
  readonly kind?: 'internal' | 'client' | 'server' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
  /** Headers that came with the work; the span becomes a child of the span in them. Absent: of the active span. */
  readonly parent?: Carrier;
  readonly links?: readonly Link[];
}

export interface Telemetry {
  /** Name of the service. */
  readonly service: string;
  /** Writes JSON lines with trace ids; redaction is built in. */
  readonly log: Logger;
  /** Levels of all loggers of the process; they can change while it runs. */
  readonly levels: LogLevels;
  readonly registry: Registry;
  /** Values added here are redacted from then on in logs and traces of all services of the process. */
  readonly secrets: { add(value: string): void; addRecent(value: string): void };
  /** Runs `run` with an active span, which ends with it. An error is recorded, redacted, and thrown again. */
  span<T>(name: string, options: SpanOptions, run: (span: Span) => Promise<T>): Promise<T>;
  /** W3C headers of the active span; empty when there is none. */
  inject(): Record<string, string>;
  /** The same registry and secrets with another service name, for several services in one process. */
  forService(name: string): Telemetry;
  /** The same service, but its log lines belong to an area, such as `broker`, which may have its own level. */
  forArea(area: string): Telemetry;
  /** Sends what is left. Never throws. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly level: LogLevel;
  /** Levels of single loggers. */
  readonly loggers?: Readonly<Record<string, LogLevel>>;
  /** Format of lines on stdout; absent: readable text on a terminal, JSON elsewhere. */
  readonly format?: LogFormat | undefined;
  readonly otlpEndpoint?: string | undefined;
  readonly secrets?: readonly string[];
  /** Where log lines go; stdout when absent. */
  readonly destination?: DestinationStream;
  /** Replaces OTLP in tests. */
  readonly spanExporter?: SpanExporter;
  readonly registry?: Registry;
}
