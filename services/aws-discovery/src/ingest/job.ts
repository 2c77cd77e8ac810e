/** What becomes of an ingest job's record. Pure. */
import type { IngestJob, Limits, ReplyOutcome } from '@federation-agent/contracts';

export function newJob(facts: {
  readonly ingestJobId: string;
  readonly integrationId: string;
  readonly commandId: string;
  readonly deadline: number;
  readonly items: IngestJob['items'];
  readonly total: number;
  readonly trace: IngestJob['trace'];
  readonly now: number;
}): IngestJob {
  const { now, ...rest } = facts;
  return { ...rest, state: 'announced', nextItem: 0, nextBatch: 0, startAt: now, createdAt: now };
}

/**
 * Whether a START_INGEST begins anew although its job is known: that one is over, and another command asks for it again. A
 * redelivered command gets the same answer again.
 */
export function isRestart({ state, commandId }: IngestJob, asking: string): boolean {
  return (state === 'done' || state === 'refused') && commandId !== asking;
}

/** The new job in the place of one that is over. It goes on counting: the broker drops a batch number that it has seen. */
export function restartedJob(before: IngestJob | undefined, job: IngestJob): IngestJob | undefined {
  if (!before) return job;
  return isRestart(before, job.commandId) ? { ...job, nextBatch: before.nextBatch + 1 } : undefined;
}

/**
 * The outcome of the START_INGEST reply. `unconfirmed` starts the job too: a batch for a job that APIM does not have is
 * dropped harmlessly. A job of nothing is done at once; APIM wants no INGEST for it.
 */
export function afterReply(
  job: IngestJob | undefined,
  outcome: ReplyOutcome['outcome'],
  startAt: number,
): IngestJob | undefined {
  if (job?.state !== 'announced') return undefined;
  if (outcome === 'refused') return { ...job, state: 'refused' };
  return { ...job, state: job.total === 0 ? 'done' : 'running', startAt };
}

/**
 * Whether this process should drive the job now; it does not yet. A claim of its own is one that a failure interrupted. A
 * job whose command died is started a while after its deadline: nobody knows whether APIM has the reply.
 */
export function isDrivable(job: IngestJob, instance: string, now: number, limits: Limits): boolean {
  if (job.claim && job.claim.instance !== instance && job.claim.until > now) return false;
  if (job.state === 'announced') return now >= job.deadline + limits.attemptGrace;
  return job.state === 'running';
}

/** Whoever takes a job up again skips a batch number: it may have been published with other APIs. */
export function claimedJob(
  job: IngestJob | undefined,
  instance: string,
  now: number,
  limits: Limits,
): IngestJob | undefined {
  if (!job || !isDrivable(job, instance, now, limits)) return undefined;
  return {
    ...job,
    state: job.total === 0 ? 'done' : 'running',
    claim: { instance, until: now + limits.claim },
    nextBatch: job.nextBatch + (job.claim ? 1 : 0),
  };
}

/** Lets go at shutdown, so that another replica need not wait for the claim to run out. The claim stays as a mark. */
export function releasedJob(
  job: IngestJob | undefined,
  instance: string,
  now: number,
): IngestJob | undefined {
  if (job?.claim?.instance !== instance || job.state !== 'running') return undefined;
  return { ...job, claim: { instance, until: now } };
}

/** Whether a job may be forgotten: by then it is over, or its integration is configured nowhere any more. */
export function isExpired({ createdAt }: IngestJob, now: number, { tombstone }: Limits): boolean {
  return createdAt + tombstone <= now;
}

/** After a batch was published; undefined when the claim is no longer ours. */
export function afterBatch(
  job: IngestJob | undefined,
  instance: string,
  step: { readonly nextItem: number; readonly done: boolean; readonly now: number; readonly claimMs: number },
): IngestJob | undefined {
  if (job?.claim?.instance !== instance || job.state !== 'running') return undefined;
  const { claim: _claim, ...rest } = job;
  const next = { ...rest, nextItem: step.nextItem, nextBatch: job.nextBatch + 1, lastBatchAt: step.now };
  return step.done
    ? { ...next, state: 'done' }
    : { ...next, claim: { instance, until: step.now + step.claimMs } };
}

/** Keeps the claim while exports take long. */
export function renewedJob(
  job: IngestJob | undefined,
  instance: string,
  until: number,
): IngestJob | undefined {
  return job?.claim?.instance === instance && job.state === 'running'
    ? { ...job, claim: { instance, until } }
    : undefined;
}
