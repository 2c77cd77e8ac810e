/** Drives one job that this process has claimed to `done`: batches in order, the last one empty. */
import {
  catalogKeys,
  idToken,
  messageIds,
  type Api,
  type IngestBatch,
  type IngestJob,
} from '@federation-agent/contracts';
import { z } from 'zod';
import type { Telemetry } from '@federation-agent/base';
import { changeRecord, dispositionOf, fromClaim, publish, toClaimText } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { errorAdvice } from '../error-advice.ts';
import { createProgress } from '../progress.ts';
import { batchLength, jsonOf } from './batch.ts';
import { createJobAws } from './job-aws.ts';
import { afterBatch, renewedJob } from './job.ts';
import { prepare } from './prepare.ts';
import { inAdvance } from './in-advance.ts';
import { createVerify } from './verify.ts';

const itemsSchema = z.array(z.string());

/** What one driver did for a job. A driver that took the job over counts from there. */
export interface DriveResult {
  readonly sent: number;
  /** APIs that could not be sent; for each of them a log line says why. */
  readonly leftOut: number;
}

/**
 * @returns undefined when another replica has the job now
 * @throws BrokerUnavailableError, AwsCallStopped: the job goes on where its record says
 */
export async function driveJob(
  discovery: Discovery,
  integration: Integration,
  claimedJob: IngestJob,
  signal: AbortSignal,
): Promise<DriveResult | undefined> {
  const { ingests, payloads, clock, limits, instance, ingest, maxMessageBytes, telemetry } = discovery;
  const { ingestJobId, integrationId, total } = claimedJob;
  const log = telemetry.log.child({ ingestJobId, integrationId });
  const key = catalogKeys.ingest(claimedJob.ingestJobId);
  const state = { job: claimedJob, mine: true };
  let storeAgainAt = clock.now() + limits.payloadAge / 4;
  let items: readonly string[] = [];
  const isMine = (): boolean => state.mine;
  const progress = createProgress(clock, (done) =>
    log.info({ done, total }, `ingest: ${done} of ${total} APIs are on their way to APIM`),
  );

  /** Publishes, and writes the record afterwards: a repeated batch is an upsert, but a skipped one would be a loss. */
  const send = async (apis: readonly Api[], nextItem: number, done = false): Promise<void> => {
    const { job } = state;
    await publishBatch(discovery, job, { apis, done }, signal);
    const step = { nextItem, done, now: clock.now(), claimMs: limits.claim };
    const written = await changeRecord(ingests, key, (current) => {
      const next = afterBatch(current, instance, step);
      // When the record could not be written, another replica took the job over and counts on from the same number.
      state.mine = next !== undefined;
      return next;
    });
    if (written) state.job = written.value;
    progress(nextItem, total);
    await keepItems();
  };
  /** A job may take longer than its list is stored. Storing the list again restarts its TTL. */
  const keepItems = async (): Promise<void> => {
    if ('inline' in claimedJob.items || clock.now() < storeAgainAt) return;
    storeAgainAt = clock.now() + limits.payloadAge / 4;
    await payloads.put(Buffer.from(JSON.stringify(items)));
  };

  /** While something takes long, renews the claim and keeps the job alive at APIM with empty batches. */
  const whileAlive = async <T>(work: Promise<T>): Promise<T | undefined> => {
    const settled = Promise.allSettled([work]).then(() => 'settled' as const);
    while (state.mine) {
      // Counted from the last renewal, not from here: otherwise many short waits without a batch would lose the claim.
      const left = (state.job.claim?.until ?? 0) - limits.claim + limits.claimRenewal - clock.now();
      const pause = new AbortController();
      const woke = await Promise.race([settled, clock.sleep(Math.max(0, left), pause.signal)]);
      pause.abort();
      if (woke === 'settled') return work;
      const now = clock.now();
      const record = await changeRecord(ingests, key, (current) =>
        renewedJob(current, instance, now + limits.claim),
      );
      state.mine = record?.value.claim?.instance === instance;
      if (state.mine && record) state.job = record.value;
      const { lastBatchAt, startAt, nextItem } = state.job;
      if (state.mine && now - (lastBatchAt ?? startAt) >= limits.ingestKeepAlive) await send([], nextItem);
    }
    return undefined;
  };

  items = await itemsOf(discovery, claimedJob, log);
  const aws = createJobAws(integration, () => clock.sleep(limits.claimRenewal, signal));
  const verify = createVerify({ discovery, integration, aws, signal, log });
  const preparing = { discovery, integration, aws, verify, signal, log };
  await whileAlive(clock.sleep(Math.max(0, claimedJob.startAt - clock.now()), signal));
  let position = claimedJob.nextItem;
  const prepared = inAdvance(prepare(preparing, items.slice(position)));
  let ready: Ready[] = [];
  let [sent, leftOut] = [0, 0];
  try {
    while (state.mine && !signal.aborted && (position < items.length || ready.length > 0)) {
      const apis = ready.map(({ api }) => api);
      const length = batchLength(apis, { ...ingest, messageBytes: maxMessageBytes });
      const full = length < ready.length || length >= ingest.batchApis;
      if (!full && position < items.length) {
        const first = position;
        const more = (await whileAlive(prepared.next())) ?? [];
        // Items that were left out count with the API before them.
        ready.push(...more.flatMap((api, index) => (api ? [{ api, end: first + index + 1 }] : [])));
        leftOut += more.filter((api) => api === undefined).length;
        position = first + more.length;
      } else {
        await send(apis.slice(0, length), ready[length - 1]?.end ?? position);
        ready = ready.slice(length);
        sent += length;
      }
    }
  } finally {
    // At a shutdown the broker is closed next. A job that another replica has now need not wait.
    if (signal.aborted) await prepared.settled();
  }
  if (!state.mine || signal.aborted) return undefined;
  await send([], items.length, true);
  return isMine() ? { sent, leftOut } : undefined;
}

/** An API that waits for its batch. After it, the job goes on at item `end`. */
interface Ready {
  readonly api: Api;
  readonly end: number;
}

/** When the list is lost or does not parse, the job cannot go on; it still ends with `done`. */
async function itemsOf(
  { payloads }: Discovery,
  job: IngestJob,
  log: Telemetry['log'],
): Promise<readonly string[]> {
  try {
    return itemsSchema.parse(await fromClaim(payloads, job.items));
  } catch (error) {
    if (dispositionOf(error) === 'retryable') throw error;
    const explained = { ...errorAdvice(error), fix: 'start the ingest again in APIM' };
    log.error(
      { total: job.total, done: job.nextItem, ...explained },
      'the list of APIs of an ingest job cannot be read, as it is kept only for two hours: the job ends here, and APIM keeps what it has of the remaining APIs',
    );
    return [];
  }
}

async function publishBatch(
  { broker, payloads, metrics, clock }: Discovery,
  { integrationId, ingestJobId, nextBatch, claim }: IngestJob,
  { apis, done }: { readonly apis: readonly Api[]; readonly done: boolean },
  signal: AbortSignal,
): Promise<void> {
  const head: Omit<IngestBatch, 'apis'> = { integrationId, ingestJobId, batch: nextBatch, done };
  const list = await toClaimText(payloads, jsonOf(apis));
  const batch = `${JSON.stringify(head).slice(0, -1)},"apis":${list}}`;
  await publish(broker, broker.subjects.ingest(integrationId), batch, {
    id: messageIds.batch(idToken(integrationId), ingestJobId, nextBatch),
    // Once the claim has run out, another replica may already send.
    until: claim?.until ?? clock.now(),
    signal,
  });
  metrics.batches.inc({ integration: integrationId });
}
