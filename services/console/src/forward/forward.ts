/**
 * Forwards the audit trail to where the configuration says. The console does it, because it is the service that reads
 * the trail. What cannot be written waits in the stream and is tried again; the agent does not wait for it.
 */
import { forwardConsumer } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { forwardLog, type LogEntry } from '@federation-agent/broker';
import type { ServiceContext } from '@federation-agent/service-kit';
import { auditEvent } from '../model/audit.ts';
import { fileSink } from './file-sink.ts';
import { otlpSink } from './otlp-sink.ts';
import type { ForwardedEvent, Sink } from './sink.ts';

/** Between two tries; the pause doubles up to `longest`. */
const pauseMs = { first: 1_000, longest: 30_000 } as const;
const megabyte = 1024 * 1024;

export interface Forwarding {
  stop(): Promise<void>;
}

export function startForwarding(context: ServiceContext): Forwarding {
  const running = sinksOf(context).map((sink) => forwardTo(sink, context));
  return { stop: async () => void (await Promise.all(running.map((one) => one.stop()))) };
}

function sinksOf({ config, instance, version, telemetry }: ServiceContext): readonly Sink[] {
  const { file, otlp } = config.federation.events.forward;
  const sinks: Sink[] = [];
  if (file.path !== undefined)
    sinks.push(fileSink({ path: file.path, maxBytes: file.megabytes * megabyte, keep: file.keep }));
  if (otlp.endpoint !== undefined) {
    const { endpoint, authorization } = otlp;
    const onRejected = (reason: string): void =>
      telemetry.log.error(
        { reason },
        'the OTLP endpoint refuses an event for good: it is only in the stream',
      );
    sinks.push(
      otlpSink({
        endpoint,
        ...(authorization !== undefined && { authorization }),
        instance,
        version,
        onRejected,
      }),
    );
  }
  return sinks;
}

function forwardTo(sink: Sink, { broker, clock, health, telemetry }: ServiceContext): Forwarding {
  const component = `events:${sink.way}`;
  const { log } = telemetry.forArea('forward');
  const up = (): void => health.set(component, { status: 'up', data: { to: sink.to } });

  const hand = async (entry: LogEntry, signal: AbortSignal): Promise<boolean> => {
    const event = forwarded(entry);
    for (let pause: number = pauseMs.first; ; pause = Math.min(2 * pause, pauseMs.longest)) {
      try {
        await sink.write(event, signal);
        if (pause > pauseMs.first) log.info({ to: sink.to }, 'events are forwarded again');
        up();
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        const detail = `${sink.to} does not take events: ${reasonOf(error)}. Those from ${new Date(entry.at).toISOString()} on wait in the stream`;
        if (pause === pauseMs.first) log.warn({ sequence: entry.sequence }, detail);
        health.set(component, { status: 'degraded', detail });
        await clock.sleep(pause, signal);
      }
    }
  };

  up();
  const forwarding = forwardLog({ broker, spec: forwardConsumer(sink.way, broker), hand });
  return {
    stop: async () => {
      await forwarding.stop();
      await sink.close();
      health.remove(component);
    },
  };
}

/** An event of a kind that is not known here is forwarded as it is. */
function forwarded(entry: LogEntry): ForwardedEvent {
  const { sequence, at, subject, body, traceId } = entry;
  const event = auditEvent(entry);
  const trace = traceId === undefined ? {} : { traceId };
  if (event === undefined)
    return { sequence, at, name: subject, failed: false, body: { sequence, subject, at, body }, ...trace };
  const { kind, what, outcome } = event;
  return { sequence, at: event.at, name: `${kind} ${what}`, failed: outcome !== 'ok', body: event, ...trace };
}

/** What `fetch` failed with is in the cause. */
function reasonOf(error: unknown): string {
  return describeError(Error.isError(error) && error.cause !== undefined ? error.cause : error);
}
