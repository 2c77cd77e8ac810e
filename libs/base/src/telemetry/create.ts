import { Registry } from 'prom-client';
import { setBuildInfo } from './build-metrics.ts';
import { createLog, logDestination } from './log.ts';
import { createLogLevels } from './log-levels.ts';
import { injectTrace, installPropagation } from './propagation.ts';
import { createSecrets } from './redact.ts';
import type { Telemetry, TelemetryOptions } from './telemetry.ts';
import { createProvider, otlpExporter, redactingExporter, withSpan } from './traces.ts';

/** Telemetry of a process: logger, tracer and registry of its first service. `forService` adds others. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  installPropagation();
  const { instance, version, otlpEndpoint, spanExporter } = options;
  const destination = options.destination ?? logDestination(options.format);
  const levels = createLogLevels(options);
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
    setBuildInfo(registry, service, version);
    const telemetry: Telemetry = {
      service,
      log: createLog({ service, instance, version, levels, secrets, destination }),
      levels,
      registry,
      secrets,
      span: (name, spanOptions, run) => withSpan(tracer, secrets, name, spanOptions, run),
      inject: injectTrace,
      forService: make,
      forArea: (area) => ({ ...telemetry, log: telemetry.log.child({ logger: area }) }),
      shutdown: async () => {
        await Promise.allSettled(closers.map((flush) => flush()));
        await exporter?.shutdown().catch(() => undefined);
      },
    };
    return telemetry;
  };
  return make(options.service);
}
