/**
 * Moves the records from the old names to those with the namespace. Every step may be repeated, so the next move
 * finishes one that was interrupted:
 *
 * - it marks the new buckets as unfinished;
 * - it copies each record that is not there yet;
 * - it deletes the old streams once all records are there;
 * - it removes the marks.
 *
 * Nobody else may use the old or the new streams meanwhile.
 */
import { JetStreamApiCodes } from '@nats-io/jetstream';
import {
  bucketSpecs,
  movedBuckets,
  streams,
  workerKinds,
  type BucketSpec,
} from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { collect } from '../buckets/bucket-read.ts';
import { jetStreamErrorCode, brokerCall } from '../calls.ts';
import { streamState, oldBucketStream, OldNamesError, oldStreams } from './old-names.ts';
import { untilServed } from './ensure-topology.ts';
import { bucketConfig } from './stream-configs.ts';
import { movingDescription, topologyDescription } from './topology-version.ts';

export interface Move {
  /** Records by bucket; empty when there was nothing to move. */
  readonly records: Readonly<Record<string, number>>;
  /** Streams that this move deleted. */
  readonly deleted: readonly string[];
  /**
   * Old streams that were left alone: the new names have records of their own, so the old records are no longer this
   * agent's.
   */
  readonly left: readonly string[];
}

/** Copies under way at once. */
const concurrency = 16;

/** @throws OldNamesError when an old replica still works; BrokerUnavailableError: run it again */
export async function moveOldNames(broker: Broker, replicas: number): Promise<Move> {
  const { jsm, limits, names } = broker;
  const specs = bucketSpecs(limits).filter(({ name }) => movedBuckets.includes(name));
  const stateOf = async (spec: BucketSpec) => ({
    spec,
    old: await streamState(broker, oldBucketStream(spec.name)),
    now: await streamState(broker, names.bucketStream(spec.name)),
  });
  const buckets = await Promise.all(specs.map(stateOf));
  const found = await Promise.all(
    oldStreams.map(async (name) => ({ name, is: await streamState(broker, name) })),
  );
  const ours = found.filter(({ is }) => is === 'ours').map(({ name }) => name);
  const copied = buckets.filter(({ old }) => old === 'ours');

  if (copied.some(({ now }) => now === 'ours' || now === 'foreign'))
    return { records: {}, deleted: [], left: ours };
  if (ours.includes(streams.commands)) await refuseRunning(broker);

  for (const { spec, now } of copied) {
    if (now === 'absent')
      await jsm.streams.add({ ...bucketConfig(names, spec, replicas), description: movingDescription });
  }
  const records: Record<string, number> = {};
  for (const { spec } of copied) records[spec.name] = await copyBucket(broker, spec);
  // Only now, because until here nothing is lost whatever happens.
  for (const name of ours) await brokerCall(`delete the stream ${name}`, () => jsm.streams.delete(name));
  for (const { spec } of await Promise.all(specs.map(stateOf)).then((all) =>
    all.filter(({ now }) => now === 'moving'),
  ))
    await jsm.streams.update(names.bucketStream(spec.name), { description: topologyDescription });
  return { records, deleted: ours, left: [] };
}

/** A record that exists already comes from an earlier move: nobody else has written there. */
async function copyBucket(broker: Broker, { name }: BucketSpec): Promise<number> {
  const { js, jsm, names } = broker;
  const from = oldBucketStream(name);
  const prefix = `$KV.${name}.`;
  const old = { ...broker, names: { ...names, bucketStream: oldBucketStream, keys: () => prefix } };
  const kept = await collect(old, name, '>', ({ key, data }) => data && key, { headersOnly: true });
  await mapConcurrently(kept, concurrency, async (key) => {
    await untilServed(broker, names.bucketStream(name), () =>
      brokerCall(`copy a record of ${name}`, async () => {
        const stored = await jsm.streams.getMessage(from, { last_by_subj: prefix + key });
        if (!stored) return;
        const subject = names.writtenKeys(name) + key;
        await js.publish(subject, stored.data, { expect: { lastSubjectSequence: 0 } }).catch(unlessThere);
      }),
    );
  });
  return kept.length;
}

function unlessThere(error: unknown): void {
  const code = jetStreamErrorCode(error);
  if (
    code !== JetStreamApiCodes.StreamWrongLastSequence &&
    code !== JetStreamApiCodes.StreamWrongLastSequenceUnknown
  )
    throw error;
}

/** A worker that pulls from the old queue would go on with records that are being moved away. */
async function refuseRunning({ jsm }: Broker): Promise<void> {
  for (const durable of workerKinds) {
    const waiting = await jsm.consumers.info(streams.commands, durable).then(
      ({ num_waiting }) => num_waiting,
      () => 0,
    );
    if (waiting > 0)
      throw new OldNamesError(
        `a replica of the old version still works (it waits at ${streams.commands} as ${durable}): stop every replica of every service, then run the move again`,
      );
  }
}
