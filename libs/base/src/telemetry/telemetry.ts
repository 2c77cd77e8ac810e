/** Logs, traces and metrics of one service, as one thing that is passed in. */
import type { Attributes, Link, Span } from '@opentelemetry/api';
import type { DestinationStream, Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { LogFormat } from './log.ts';
import type { LogLevel, LogLevels } from './log-levels.ts';

/** Headers of a message or a request, W3C trace context among them. */
export type Carrier = Readonly<Record<string, string>>;

export interface SpanOptions {
  readonly kind?: 'internal' | 'client' | 'server' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
  /** Headers that came with the work; the span becomes a child of what they name. Absent: of the active span. */
  readonly parent?: Carrier;
  readonly links?: readonly Link[];
}

export interface Telemetry {
  /** Name of the service. */
  readonly service: string;
  /** JSON lines; trace ids and redaction are built in. */
  readonly log: Logger;
  /** Of all loggers of the process; may be changed while it runs. */
  readonly levels: LogLevels;
  readonly registry: Registry;
  /** Whatever is added is redacted by value from then on, in logs and traces of all services of the process. */
  readonly secrets: { add(value: string): void; addRecent(value: string): void };
  /** Runs `run` with an active span; an error is recorded, redacted, and thrown on. The span ends with it. */
  span<T>(name: string, options: SpanOptions, run: (span: Span) => Promise<T>): Promise<T>;
  /** W3C headers of the active span; empty when there is none. */
  inject(): Record<string, string>;
  /** The same registry and secrets under another service name: for several services in one process. */
  forService(name: string): Telemetry;
  /** The same service, but what it logs is of this area, such as `broker`: it may have a level of its own. */
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
  /** Of what goes to stdout; absent: JSON, and readable on a terminal. */
  readonly format?: LogFormat | undefined;
  readonly otlpEndpoint?: string | undefined;
  readonly secrets?: readonly string[];
  /** Where log lines go; stdout when absent. */
  readonly destination?: DestinationStream;
  /** Instead of OTLP, for tests. */
  readonly spanExporter?: SpanExporter;
  readonly registry?: Registry;
}
