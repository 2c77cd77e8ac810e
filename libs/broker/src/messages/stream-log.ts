/** Reads a stream that is kept for people: EVENTS, or DEAD. */
import { DeliverPolicy, type JsMsg, type StoredMsg } from '@nats-io/jetstream';
import type { StreamName } from '@federation-agent/contracts';
import { describeError, yieldToEventLoop } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { brokerCall, jetStreamErrorCode } from '../calls.ts';
import { isDenied } from '../errors.ts';

/** A message of the stream. */
export interface LogEntry {
  readonly sequence: number;
  readonly subject: string;
  /** Broker's time, epoch ms. */
  readonly at: number;
  /** Parsed JSON; undefined: it is not JSON. */
  readonly body: unknown;
  /** Id of the trace in which it was published. */
  readonly traceId?: string;
}

export interface LogState {
  /** Sequences; `last` is below `first` when the stream is empty. */
  readonly first: number;
  readonly last: number;
  readonly messages: number;
  /** Epoch ms of the first message. */
  readonly firstAt?: number;
}

export interface StreamLog {
  /** @throws BrokerUnavailableError */
  state(): Promise<LogState>;
  /**
   * Tells the messages under a subject filter in order, from one sequence to another, both included. Ends early when
   * `each` answers false.
   *
   * @throws BrokerUnavailableError
   */
  read(
    range: { readonly from: number; readonly to: number; readonly filter: string },
    each: (entry: LogEntry) => boolean | Promise<boolean>,
  ): Promise<void>;
  /** Tells every new message, until it is stopped. After a reconnect it goes on where it was. */
  follow(filter: string, onEntry: (entry: LogEntry) => void): { stop(): Promise<void> };
  get(sequence: number): Promise<LogEntry | undefined>;
  /** @returns false: it is not there any more */
  remove(sequence: number): Promise<boolean>;
}

/** JetStream's codes where a message is not there: none found, and none of this sequence. */
const notThere: readonly (number | undefined)[] = [10_037, 10_043];

export function openStreamLog(broker: Broker, name: StreamName): StreamLog {
  const { js, jsm, names, limits, clock, telemetry } = broker;
  const stream = names.stream(name);

  const state = (): Promise<LogState> =>
    brokerCall(`look at ${name}`, async () => {
      const {
        first_seq: first,
        last_seq: last,
        messages,
        first_ts: at,
      } = (await jsm.streams.info(stream)).state;
      return { first, last, messages, ...(messages > 0 && { firstAt: Date.parse(at) }) };
    });

  /** An ordered pass from a sequence on; it ends when `each` answers false, and, unless `stays`, at the end. */
  const pass = async (
    { from, filter, stays }: { from: number; filter: string; stays: boolean },
    each: (entry: LogEntry) => boolean | Promise<boolean>,
    onStart: (stop: () => void) => void = () => undefined,
  ): Promise<void> => {
    const consumer = await brokerCall(`read ${name}`, () =>
      js.consumers.get(stream, {
        filter_subjects: filter,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: Math.max(1, from),
      }),
    );
    try {
      const { num_pending: there } = await consumer.info(true);
      if (there === 0 && !stays) return;
      const messages = await consumer.consume({ max_messages: 500, expires: 60_000, idle_heartbeat: 15_000 });
      onStart(() => messages.stop());
      for await (const message of messages) {
        const goesOn = await each(entryOf(message));
        // What has come already would still be told after a stop.
        if (!goesOn || (!stays && message.info.pending === 0)) break;
        await yieldToEventLoop();
      }
    } finally {
      consumer.delete().catch(() => undefined);
    }
  };

  return {
    state,
    read: ({ from, to, filter }, each) =>
      pass({ from, filter, stays: false }, (entry) => entry.sequence <= to && each(entry)),
    follow: (filter, onEntry) => {
      const stopping = new AbortController();
      let next: number | undefined;
      let stopPass: () => void = () => undefined;
      void broker.nc.closed().then(() => stopping.abort());
      const unsubscribe = broker.onReconnect(() => stopPass());
      const running = (async () => {
        while (!stopping.signal.aborted) {
          let pause = limits.publishRetry;
          try {
            next ??= (await state()).last + 1;
            const each = (entry: LogEntry): boolean => {
              next = entry.sequence + 1;
              onEntry(entry);
              return !stopping.signal.aborted;
            };
            await pass({ from: next, filter, stays: true }, each, (stop) => {
              stopPass = stop;
              if (stopping.signal.aborted) stop();
            });
          } catch (error) {
            if (isDenied(error)) pause = limits.refusedRetry;
            telemetry.log.debug({ stream: name, reason: describeError(error) }, 'the log is followed again');
          }
          await clock.sleep(pause, stopping.signal);
        }
      })();
      return {
        stop: async () => {
          stopping.abort();
          unsubscribe();
          stopPass();
          await running;
        },
      };
    },
    get: (sequence) =>
      brokerCall(`read ${name}`, async () => {
        const stored = await jsm.streams.getMessage(stream, { seq: sequence });
        return stored ? storedEntry(stored) : undefined;
      }),
    remove: (sequence) =>
      brokerCall(`remove from ${name}`, async () => {
        try {
          return await jsm.streams.deleteMessage(stream, sequence, false);
        } catch (error) {
          if (notThere.includes(jetStreamErrorCode(error))) return false;
          throw error;
        }
      }),
  };
}

export function entryOf(message: JsMsg): LogEntry {
  const { subject, seq: sequence, headers } = message;
  const at = message.time.getTime();
  return { sequence, subject, at, body: bodyOf(message.data), ...traceOf(headers?.get('traceparent')) };
}

function storedEntry({ seq: sequence, subject, time, data, header }: StoredMsg): LogEntry {
  return {
    sequence,
    subject,
    at: time.getTime(),
    body: bodyOf(data),
    ...traceOf(header.get('traceparent')),
  };
}

function bodyOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}

function traceOf(traceparent = ''): { readonly traceId?: string } {
  const [, traceId] = traceparent.split('-');
  return traceId === undefined ? {} : { traceId };
}
