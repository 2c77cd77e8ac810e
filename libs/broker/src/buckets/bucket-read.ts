/** One ordered pass over the records under a filter: first every record as it is, then the changes during the pass. */
import { DeliverPolicy, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { BucketName } from '@federation-agent/contracts';
import { yieldToEventLoop } from '@federation-agent/base';
import { BrokerUnavailableError } from '../errors.ts';
import type { Broker } from '../broker.ts';
import { brokerCall } from '../calls.ts';
import type { RawRecord } from './raw-record.ts';

export interface BucketRead {
  /** Resolves when the pass has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
  /** Records have come that are not told yet: this process is busy, not the broker. */
  behind(): boolean;
  stop(): void;
}

/**
 * How long a request for changes waits at the server, and how often the server says meanwhile that there is none. A
 * lost consumer is noticed when two of those are missing.
 */
const waiting = { expires: 60_000, idle_heartbeat: 15_000 };

/**
 * Uses a pull consumer. The client's own KV watch notices a restarted broker only after a minute (two missed heartbeats
 * of 30 s); a pull consumer notices it at the reconnect.
 *
 * @param onComplete called once, when every record that was there has been told
 */
export async function startBucketRead(
  broker: Broker,
  bucket: BucketName,
  filter: string,
  onRecord: (record: RawRecord) => void,
  onComplete: () => void,
  options: { readonly headersOnly?: boolean } = {},
): Promise<BucketRead> {
  const prefix = broker.names.keys(bucket);
  const consumer = await brokerCall(`list the bucket ${bucket}`, () =>
    broker.js.consumers.get(broker.names.bucketStream(bucket), {
      filter_subjects: prefix + filter,
      deliver_policy: DeliverPolicy.LastPerSubject,
      ...(options.headersOnly === true && { headers_only: true }),
    }),
  );
  const { num_pending: there } = await consumer.info(true);
  const seen = { complete: there === 0, messages: 0, keys: new Set<string>(), behind: false };
  /** The last message that was told: of which consumer (a lost one is made anew), and which of its messages. */
  let last = { consumer: '', sequence: 0 };
  const finish = (): void => {
    if (seen.complete) return;
    seen.complete = true;
    seen.keys.clear();
    onComplete();
  };
  const messages = await consumer.consume({ max_messages: 500, ...waiting });
  const ended = messages.closed();
  void deliverAll(messages).catch(() => undefined); // Whatever ended it, `ended` reports it.
  if (seen.complete) onComplete();
  else void watchForEnd();
  return {
    ended,
    behind: () => seen.behind,
    stop: () => {
      messages.stop();
      // Otherwise it would stay for five minutes; 2,642 of them kept a broker from starting (measured).
      consumer.delete().catch(() => undefined);
    },
  };

  /** One batch at a time: it asks for no more than it has told, and leaves the process time for other work. */
  async function deliverAll(all: ConsumerMessages): Promise<void> {
    for await (const message of all) {
      seen.messages += 1;
      const { consumer: name, deliverySequence, pending } = message.info;
      last = { consumer: name, sequence: deliverySequence };
      const record = readRecord(message, prefix);
      if (!seen.complete) seen.keys.add(record.key);
      onRecord(record);
      if (pending === 0) await finishUnlessMore();
      seen.behind = true;
      await yieldToEventLoop();
      seen.behind = false;
    }
  }

  /**
   * A record that is written anew leaves its place in the stream, and may not yet be counted at the end: one of seven
   * lists lacked a record while 16 writers were busy (measured, 2.14). When fewer keys came than there were, this asks
   * the server.
   */
  async function finishUnlessMore(): Promise<void> {
    if (seen.complete) return;
    if (seen.keys.size >= there || (await toldAll())) finish();
  }

  /**
   * Nothing is left at the server, and what it has sent was told. Without the second, a list would pass for complete
   * whose records wait for a turn in this process: 1 of 40 with 400 other works (measured).
   */
  async function toldAll(): Promise<boolean> {
    const info = await consumer.info().catch(() => undefined);
    if (info?.num_pending !== 0) return false;
    const told = info.name === last.consumer ? last.sequence : 0;
    return info.delivered.consumer_seq <= told;
  }

  /**
   * A record that was still counted may be removed before it is told. Then no message says that it was the last one.
   */
  async function watchForEnd(): Promise<void> {
    const over = new AbortController();
    void ended.then(() => over.abort());
    while (!seen.complete && !over.signal.aborted) {
      const before = seen.messages;
      await broker.clock.sleep(broker.limits.brokerCall, over.signal);
      if (seen.messages > before) continue;
      if ((await toldAll()) && seen.messages === before) finish();
    }
  }
}

function readRecord(message: JsMsg, prefix: string): RawRecord {
  const removed = (message.headers?.get('KV-Operation') ?? '') !== '';
  return {
    key: message.subject.slice(prefix.length),
    revision: message.seq,
    data: removed ? undefined : message.data,
    createdAt: message.time.getTime(),
  };
}

/**
 * What `keep` returns for every record under the filter, in no order; the records themselves are not held. `keep` also
 * hears of removals and changes during the pass, and the last result counts. Undefined leaves a record out.
 *
 * @throws BrokerUnavailableError when nothing comes for the time of three calls
 */
export async function collect<T>(
  broker: Broker,
  bucket: BucketName,
  filter: string,
  keep: (record: RawRecord) => T | undefined,
  options: { readonly headersOnly?: boolean } = {},
): Promise<T[]> {
  const kept = new Map<string, T>();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  promise.catch(() => undefined); // The rejection may come before anybody awaits it.
  const giveUp = (): void =>
    reject(new BrokerUnavailableError(`the broker stopped listing the bucket ${bucket}`));
  let pass: BucketRead | undefined;
  const onSilence = (): void => {
    if (pass?.behind() === true) timer.refresh();
    else giveUp();
  };
  const timer = setTimeout(onSilence, 3 * broker.limits.brokerCall); // Three calls: look, make, pull.
  const onRecord = (record: RawRecord): void => {
    timer.refresh();
    const value = keep(record);
    if (value === undefined) kept.delete(record.key);
    else kept.set(record.key, value);
  };
  try {
    pass = await startBucketRead(broker, bucket, filter, onRecord, () => resolve(undefined), options);
    void pass.ended.then(giveUp);
    await promise;
  } finally {
    clearTimeout(timer);
    pass?.stop();
  }
  return [...kept.values()];
}
