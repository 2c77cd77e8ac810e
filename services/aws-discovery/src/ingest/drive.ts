/** Drives one job that we have claimed to `done`: batches in order, the last one empty. */
import {
  catalogKeys,
  idToken,
  messageIds,
  subjects,
  type Api,
  type IngestBatch,
  type IngestJob,
} from '@federation-agent/contracts';
import { change, fromClaim, publish, toClaim } from '@federation-agent/service-kit';
import { z } from 'zod';
import type { Discovery, Integration } from '../deps.ts';
import { inLanes } from '../scan/read.ts';
import { batchLength } from './batch.ts';
import { advanced, kept } from './job.ts';
import { prepare } from './prepare.ts';

const itemsSchema = z.array(z.string());

/** @returns false when the job is another replica's now */
export async function drive(
  discovery: Discovery,
  integration: Integration,
  claimedJob: IngestJob,
  signal: AbortSignal,
): Promise<boolean> {
  const { ingests, payloads, clock, limits, instance, ingest, maxMessageBytes } = discovery;
  const { ingestJobId } = claimedJob;
  const key = catalogKeys.ingest(ingestJobId);
  const items = itemsSchema.parse(await fromClaim(payloads, claimedJob.items));
  await clock.sleep(Math.max(0, claimedJob.startAt - clock.now()), signal);
  let job = claimedJob;

  /** Publishes and moves on; the record is written after: a repeated batch is an upsert, a skipped one would be a loss. */
  const send = async (apis: readonly Api[], nextItem: number, done: boolean): Promise<boolean> => {
    await publishBatch(discovery, job, apis, done);
    const step = { nextItem, done, now: clock.now(), claimMs: limits.claim };
    const written = await change(ingests, key, (current) => advanced(current, instance, step));
    if (!written || written.value.nextBatch !== job.nextBatch + 1) return false;
    job = written.value;
    return true;
  };

  let ready: Api[] = [];
  // Where `ready` ends in `items`; the ones that left the catalog are counted with those before them.
  let preparedTo = job.nextItem;
  const ends: number[] = [];
  while (preparedTo < items.length || ready.length > 0) {
    if (signal.aborted) return false;
    if (ready.length < ingest.batchApis && preparedTo < items.length) {
      const next = items.slice(preparedTo, preparedTo + ingest.batchApis);
      const preparing = inLanes(next, 4, (uniqueId) => prepare(discovery, integration, uniqueId, signal));
      if (!(await whileAlive(preparing, () => send([], job.nextItem, false)))) return false;
      for (const [index, api] of (await preparing).entries()) {
        if (api) {
          ready.push(api);
          ends.push(preparedTo + index + 1);
        }
      }
      preparedTo += next.length;
      continue;
    }
    const length = batchLength(ready, { ...ingest, messageBytes: maxMessageBytes });
    const nextItem = ends[length - 1] ?? preparedTo;
    if (!(await send(ready.slice(0, length), nextItem, false))) return false;
    ready = ready.slice(length);
    ends.splice(0, length);
  }
  return send([], items.length, true);

  /** Waits for `work`; renews the claim, and keeps the job alive at APIM by an empty batch. */
  async function whileAlive(work: Promise<unknown>, keepAlive: () => Promise<boolean>): Promise<boolean> {
    const settled = work.then(
      () => 'settled' as const,
      () => 'settled' as const,
    );
    let lastBatchAt = job.lastBatchAt ?? clock.now();
    for (;;) {
      const pause = new AbortController();
      const woke = await Promise.race([settled, clock.sleep(limits.claimRenewal, pause.signal)]);
      pause.abort();
      if (woke === 'settled') return true;
      const until = clock.now() + limits.claim;
      const mine = await change(ingests, key, (current) => kept(current, instance, until));
      if (mine?.value.claim?.instance !== instance) return false;
      if (clock.now() - lastBatchAt >= limits.ingestKeepAlive) {
        if (!(await keepAlive())) return false;
        lastBatchAt = clock.now();
      }
    }
  }

  async function publishBatch(
    { broker, metrics }: Discovery,
    { integrationId, nextBatch }: IngestJob,
    apis: readonly Api[],
    done: boolean,
  ): Promise<void> {
    const batch: IngestBatch = {
      integrationId,
      ingestJobId,
      batch: nextBatch,
      apis: await toClaim(payloads, apis),
      done,
    };
    await publish(broker, subjects.ingest(integrationId), batch, {
      id: messageIds.batch(idToken(integrationId), ingestJobId, nextBatch),
      until: clock.now() + limits.claim,
      signal,
    });
    metrics.batches.inc();
  }
}
