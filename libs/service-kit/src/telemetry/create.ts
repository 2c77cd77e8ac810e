import { Registry } from 'prom-client';
import { createLog } from './log.ts';
import { injectTrace, installPropagation } from './propagation.ts';
import { createSecrets } from './redact.ts';
import type { Telemetry, TelemetryOptions } from './telemetry.ts';
import { createProvider, otlpExporter, redactingExporter, withSpan } from './traces.ts';

/** Telemetry of a process: the logger, the tracer and the registry of its first service; `forService` adds others. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  installPropagation();
  const { instance, version, level, otlpEndpoint, destination, spanExporter } = options;
  const secrets = createSecrets(options.secrets);
  const registry = options.registry ?? new Registry();
  const target = spanExporter ?? (otlpEndpoint === undefined ? undefined : otlpExporter(otlpEndpoint));
  const exporter = target && redactingExporter(target, secrets);
  const mode = spanExporter ? 'at-once' : 'batch';
  const closers: (() => Promise<void>)[] = [];

  const make = (service: string): Telemetry => {
    const provider = createProvider({ service, instance, version }, exporter, mode);
    const tracer = provider.getTracer('federation-agent', version);
    closers.push(() => provider.forceFlush());
    return {
      service,
      log: createLog({ service, instance, version, level, secrets, destination }),
      registry,
      secrets,
      span: (name, spanOptions, run) => withSpan(tracer, secrets, name, spanOptions, run),
      inject: injectTrace,
      forService: make,
      shutdown: async () => {
        await Promise.allSettled(closers.map((flush) => flush()));
        await exporter?.shutdown().catch(() => undefined);
      },
    };
  };
  return make(options.service);
}
