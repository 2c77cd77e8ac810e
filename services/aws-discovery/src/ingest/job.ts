/** How an ingest job's record changes. Pure. */
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
 * Whether a START_INGEST restarts a job that is already known: the job is over, and another command asks for it. A
 * redelivered command gets the same answer again instead.
 */
export function isRestart({ state, commandId }: IngestJob, asking: string): boolean {
  return (state === 'done' || state === 'refused') && commandId !== asking;
}

/**
 * The new job in place of one that is over. It continues the batch numbers, because the broker drops a number that it
 * has seen.
 */
export function restartedJob(before: IngestJob | undefined, job: IngestJob): IngestJob | undefined {
  if (!before) return job;
  return isRestart(before, job.commandId) ? { ...job, nextBatch: before.nextBatch + 1 } : undefined;
}

/**
 * Applies the outcome of the START_INGEST reply. `unconfirmed` starts the job too, because APIM drops a batch for an
 * unknown job without harm. A job without APIs is done at once; APIM wants no INGEST for it.
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
 * Whether this process should start to drive the job now. A claim of its own is left from an interruption by a failure.
 * A job whose command died starts some time after its deadline, because nobody knows whether APIM has the reply.
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

/** Lets go at shutdown, so that another replica need not wait until the claim runs out. The claim stays as a mark. */
export function releasedJob(
  job: IngestJob | undefined,
  instance: string,
  now: number,
): IngestJob | undefined {
  if (job?.claim?.instance !== instance || job.state !== 'running') return undefined;
  return { ...job, claim: { instance, until: now } };
}

/** Whether a job may be removed: by then it is over, or no agent has its integration any more. */
export function isExpired({ createdAt }: IngestJob, now: number, { tombstone }: Limits): boolean {
  return createdAt + tombstone <= now;
}

/** The job after a published batch; undefined when the claim is no longer ours. */
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

/** Extends the claim while exports take long. */
export function renewedJob(
  job: IngestJob | undefined,
  instance: string,
  until: number,
): IngestJob | undefined {
  return job?.claim?.instance === instance && job.state === 'running'
    ? { ...job, claim: { instance, until } }
    : undefined;
}
