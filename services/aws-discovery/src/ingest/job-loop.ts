/** Looks for ingest jobs that nobody drives, claims them by compare-and-set, and drives each one separately. */
import { catalogKeys, type IngestJob } from '@federation-agent/contracts';
import { type Context, isSpanContextValid, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { inBackground, workAttributes } from '@federation-agent/base';
import { changeRecord, dispositionOf } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { errorAdvice } from '../error-advice.ts';
import { createRepeatedWarnings } from '../repeated-warnings.ts';
import { driveJob } from './drive.ts';
import { isDrivable, isExpired, releasedJob, claimedJob } from './job.ts';

export interface JobLoop {
  stop(): Promise<void>;
}

/** @param integrations by integration id; jobs of other integrations are left alone */
export async function startJobLoop(
  discovery: Discovery,
  integrations: ReadonlyMap<string, Integration>,
): Promise<JobLoop> {
  const { ingests, clock, limits, instance, telemetry, metrics } = discovery;
  const { log } = telemetry;
  const stopping = new AbortController();
  const jobs = new Map<string, IngestJob>();
  const driving = new Map<string, Promise<void>>();
  const warnings = createRepeatedWarnings(clock);
  let wake = new AbortController();

  const watch = await ingests.watch(undefined, ({ key, value }) => {
    if (value && (value.state === 'announced' || value.state === 'running')) jobs.set(key, value);
    else jobs.delete(key);
    wake.abort();
  });

  const loop = (async () => {
    let forgotAt = 0;
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      if (clock.now() - forgotAt >= limits.tombstone / 24) {
        forgotAt = clock.now();
        await forget();
      }
      for (const [key, job] of jobs) {
        const integration = integrations.get(job.integrationId);
        if (!integration || driving.has(key) || !isDrivable(job, instance, clock.now(), limits)) continue;
        driving.set(
          key,
          run(integration, job.ingestJobId).finally(() => {
            driving.delete(key);
            wake.abort();
          }),
        );
      }
      await clock.sleep(limits.claimRenewal, AbortSignal.any([wake.signal, stopping.signal]));
      await clock.sleep(limits.publishRetry, stopping.signal);
    }
  })();

  async function run(integration: Integration, ingestJobId: string): Promise<void> {
    const key = catalogKeys.ingest(ingestJobId);
    const { integrationId } = integration.settings;
    try {
      const now = clock.now();
      const claim = await changeRecord(ingests, key, (current) => claimedJob(current, instance, now, limits));
      const job = claim?.value;
      if (
        job?.state !== 'running' ||
        job.claim?.instance !== instance ||
        job.claim.until !== now + limits.claim
      )
        return;
      const options = {
        attributes: workAttributes({ ingestJob: ingestJobId, integration: integrationId }),
        links: linksTo(job),
      };
      const { total, nextItem: from } = job;
      const facts = { ingestJobId, integrationId, total };
      const isDone = await telemetry.span('ingest job', options, async () => {
        log.info({ ...facts, from }, from > 0 ? 'ingest job continues here' : 'ingest job starts');
        const driven = await inBackground(() => driveJob(discovery, integration, job, stopping.signal));
        if (!driven) return false;
        const { sent, leftOut } = driven;
        log[leftOut > 0 ? 'warn' : 'info'](
          { ...facts, sent, leftOut, durationMs: clock.now() - now },
          leftOut > 0
            ? 'ingest job done, but some APIs were left out: the log lines before this one say why'
            : 'ingest job done',
        );
        return true;
      });
      if (isDone) {
        warnings.clear(key);
        metrics.jobs.inc({ integration: integrationId });
        return;
      }
      if (!stopping.signal.aborted) {
        log.warn(
          facts,
          'the ingest job was taken over by another replica: this one could not renew its claim',
        );
        return;
      }
    } catch (error) {
      if (!stopping.signal.aborted) {
        const explained = errorAdvice(error);
        if (warnings.shouldLog(key, explained.reason)) {
          log.warn(
            { ingestJobId, integrationId, ...explained },
            'an ingest job was interrupted; it will continue where it was',
          );
        }
        // An error that is not the broker's may come again at once.
        const soon = dispositionOf(error) === 'retryable';
        await clock.sleep(soon ? limits.brokerCall : limits.claimRenewal, stopping.signal);
      }
    }
    if (!stopping.signal.aborted) return;
    await changeRecord(ingests, key, (current) => releasedJob(current, instance, clock.now())).catch(() => {
      // In that case its claim runs out.
    });
  }

  async function forget(): Promise<void> {
    try {
      for (const { key, value, revision } of await ingests.entries()) {
        if (isExpired(value, clock.now(), limits)) await ingests.purge(key, revision);
      }
    } catch (error) {
      log.warn(
        errorAdvice(error),
        'records of ingest jobs that ended a day ago could not be removed; the next try removes them',
      );
    }
  }

  return {
    stop: async () => {
      stopping.abort();
      await watch.stop();
      await Promise.all([loop, ...driving.values()]);
    },
  };
}

/** Links the job's trace to that of its START_INGEST. */
function linksTo({ trace: carrier }: IngestJob): { context: ReturnType<typeof spanContext> & object }[] {
  const context = spanContext(propagation.extract(ROOT_CONTEXT, carrier));
  return context ? [{ context }] : [];
}

function spanContext(context: Context) {
  const found = trace.getSpanContext(context);
  return found && isSpanContextValid(found) ? found : undefined;
}
