/**
 * The scans of one integration. There is no leader and no message: every replica looks for due targets in the `scans`
 * records and claims them by compare-and-set. Each target is scanned separately, so that a slow or denied one does not
 * hold up the others.
 */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type ScanRecord } from '@federation-agent/contracts';
import { context } from '@opentelemetry/api';
import { inBackground, workAttributes } from '@federation-agent/base';
import { changeRecord } from '@federation-agent/broker';
import type { ChangesLoop } from '../changes/changes-loop.ts';
import { collectGarbage } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { errorAdvice, errorSummary, type ErrorSummary } from '../error-advice.ts';
import {
  claimed,
  registeredTarget,
  nextToScan,
  released,
  renewed,
  type ScanEnd,
  type ScanProgress,
} from './claim.ts';
import { mayWait, postponed } from './rare-scans.ts';
import { reportScan } from './report.ts';
import { runOnce, type ScanResult } from './run-once.ts';
import { dueAfter } from './schedule.ts';
import { isListed } from './scope.ts';
import { createTargetHealth } from './target-health.ts';
import { createTargetMetrics } from './target-metrics.ts';

/** A failed scan is tried again after this part of the default interval: 3 minutes. */
const retryPart = 1 / 5;

/**
 * Scans of this process at once. With 100 targets at once a core could not keep up with what AWS lets them read: writes
 * to the broker timed out, and most scans broke off. Further targets wait for a free place, here or in another replica.
 */
const maxConcurrentScans = 32;

interface Known {
  readonly target: Target;
  readonly key: string;
  readonly record: ScanRecord;
}

export interface ScanLoop {
  stop(): Promise<void>;
}

/** @param changes whether changes are heard as they happen: scans are rare meanwhile, unless `schedule` is set */
export async function startScanLoop(
  discovery: Discovery,
  integration: Integration,
  changes: Pick<ChangesLoop, 'hears'>,
): Promise<ScanLoop> {
  const { scans, scanning, limits, clock, random, telemetry, instance } = discovery;
  const { settings, plane } = integration;
  const { integrationId } = settings;
  const log = telemetry.log.child({ integrationId });
  const stopping = new AbortController();
  const stopped = (): boolean => stopping.signal.aborted;
  const running = new Map<string, Promise<void>>();
  /** Targets that this process has registered, by record key. */
  const met = new Set<string>();
  /**
   * Kept up to date by a watch: with 100 targets, asking for every record at every change would be most of the work.
   */
  const records = new Map<string, ScanRecord>();
  /** How many stages were listed after the last complete scan of a target, by record key. */
  const counted = new Map<string, { readonly lastCompleteAt: number; readonly listedStages: number }>();
  const health = createTargetHealth(integrationId, discovery);
  const targetMetrics = createTargetMetrics({ ...discovery, ...settings });
  let wake = new AbortController();
  let tidiedAt = -Infinity;

  const watch = await scans.watch(catalogKeys.ofIntegration(integrationId), ({ key, value }) => {
    if (value) records.set(key, value);
    else records.delete(key);
    wake.abort();
  });

  const loop = (async () => {
    while (!stopped()) {
      wake = new AbortController();
      try {
        const { ready, waiting } = await plane.targets(stopping.signal);
        if (stopped()) break;
        health.show(ready, waiting);
        targetMetrics.show(ready);
        const found = await Promise.all(ready.map(readScanRecord));
        const due = found.filter((one) => one !== undefined).filter(({ key }) => !running.has(key));
        for (const one of nextToScan(due, clock.now(), maxConcurrentScans - scanning.size))
          await (waits(one) ? postpone(one) : claimAndScan(one));
      } catch (error) {
        if (!stopped())
          log.error(
            errorAdvice(error),
            'the targets are unknown now: no scan starts until they are known again',
          );
      }
      await clock.sleep(limits.claimRenewal, AbortSignal.any([wake.signal, stopping.signal]));
      // Many changes of records at once cause one wake-up.
      await clock.sleep(limits.publishRetry, stopping.signal);
    }
  })();

  function waits({ target, record }: Pick<Known, 'target' | 'record'>): boolean {
    return settings.scansRarely && changes.hears(target) && mayWait(record, clock.now(), limits);
  }

  /** Best effort: without it the loop looks again in a moment. */
  async function postpone({ key }: Known): Promise<void> {
    const now = clock.now();
    const dueAt = dueAfter(settings.schedule, now, random.fraction());
    await changeRecord(scans, key, (current) => postponed(current, { now, dueAt, limits })).catch(
      () => undefined,
    );
  }

  /** Reads and shows the state of a target. It never throws, so that one bad record does not hold up other targets. */
  async function readScanRecord(target: Target): Promise<Known | undefined> {
    const key = catalogKeys.scan(integrationId, target.account, target.region);
    try {
      const record = await recordOf(target, key);
      if (!record || stopped()) return undefined;
      const listedStages = await countOf(target, key, record);
      health.known(target, record, listedStages);
      targetMetrics.known(target, record, listedStages, waits({ target, record }));
      return { target, key, record };
    } catch (error) {
      if (!stopped()) health.unknown(target, error);
      return undefined;
    }
  }

  /** Starts a scan of the target unless another replica was quicker. It never throws. */
  async function claimAndScan({ target, key }: Known): Promise<void> {
    const readAt = clock.now();
    const claim = await changeRecord(scans, key, (current) =>
      claimed(current, instance, readAt, limits.claim),
    ).catch((error: unknown) => {
      if (!stopped()) health.unknown(target, error);
      return undefined;
    });
    if (claim?.value.claim?.instance !== instance || claim.value.lastAttemptAt !== readAt) return;
    const { account, region } = target;
    const { claim: held, lastCompleteAt } = claim.value;
    const scan = inBackground(() =>
      runClaimed(target, key, readAt, held.all === true ? undefined : lastCompleteAt),
    )
      .catch((error: unknown) =>
        log.error(
          { account, region, ...errorAdvice(error) },
          'a scan broke off without a result: the target is scanned again once the claim on it has run out',
        ),
      )
      .finally(() => {
        running.delete(key);
        scanning.delete(key);
        // A request that came between the reading of its record and this moment was not seen.
        wake.abort();
      });
    running.set(key, scan);
    scanning.add(key);
  }

  /** The replica that scans a target counts on the way; the others read the catalog once after each complete scan. */
  async function countOf(
    target: Target,
    key: string,
    { lastCompleteAt }: ScanRecord,
  ): Promise<number | undefined> {
    if (lastCompleteAt === undefined) return undefined;
    const known = counted.get(key);
    if (known?.lastCompleteAt === lastCompleteAt) return known.listedStages;
    const { account, region } = target;
    const listed = await discovery.catalog.select(
      catalogKeys.ofTarget(integrationId, account, region),
      ({ value }) => isListed(value, settings) || undefined,
    );
    const listedStages = listed.length;
    counted.set(key, { lastCompleteAt, listedStages });
    return listedStages;
  }

  async function recordOf(target: Target, key: string): Promise<ScanRecord | undefined> {
    const found = met.has(key) ? records.get(key) : undefined;
    if (found) return found;
    const now = clock.now();
    const record = await changeRecord(scans, key, (current) =>
      registeredTarget(current, { integrationId, ...target }, settings.fingerprint, now),
    );
    met.add(key);
    return record?.value;
  }

  async function runClaimed(
    target: Target,
    key: string,
    readAt: number,
    from: number | undefined,
  ): Promise<void> {
    let mineUntil = readAt + limits.claim;
    let progress: ScanProgress | undefined;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, stopping.signal]);
    const renewal = (async () => {
      for (;;) {
        await clock.sleep(limits.claimRenewal, signal);
        if (signal.aborted) return;
        const until = clock.now() + limits.claim;
        const renew = changeRecord(scans, key, (current) => renewed(current, instance, until, progress));
        const record = await renew.catch(() => 'not now' as const);
        if (record === 'not now') continue;
        if (record?.value.claim?.instance !== instance) over.abort();
        else mineUntil = until;
      }
    })();
    const attributes = {
      'cloud.account.id': target.account,
      'cloud.region': target.region,
      ...workAttributes({ integration: integrationId }),
    };
    const stillMine = (): boolean => clock.now() < mineUntil;
    const run = { readAt, from, signal, stillMine, onProgress: (now: ScanProgress) => (progress = now) };
    const { account, region } = target;
    let result: ScanResult | undefined;
    let failure: ErrorSummary | undefined;
    let inTrace = context.active();
    try {
      result = await telemetry.span('scan', { attributes }, () => {
        inTrace = context.active();
        log.info({ account, region }, 'scan begins');
        return runOnce(discovery, integration, target, run);
      });
      failure = inShort(result.failures);
    } catch (error) {
      failure = errorSummary(error);
    }
    const lost = over.signal.aborted;
    over.abort();
    await renewal;
    if (lost) {
      log.warn(
        { account, region },
        'the scan was taken over by another replica: this one could not renew its claim in time; it writes no more',
      );
      return;
    }
    if (result && failure === undefined)
      counted.set(key, { lastCompleteAt: readAt, listedStages: result.listedStages });
    const how = howItEnded(result, failure);
    const { identity } = target;
    const { stages, unsettled } = result ?? {};
    await release(target, key, { readAt, identity, how, failure, stages, unsettled });
    const report = (): void => reportScan(discovery, target, { integrationId, readAt, failure, result });
    if (!stopped()) context.with(inTrace, report);
    await tidy();
  }

  function howItEnded(result: ScanResult | undefined, failure: ErrorSummary | undefined): ScanEnd['how'] {
    if (stopped()) return 'stopped';
    if (!result || result.gaveUp) return 'failed';
    return failure === undefined ? 'complete' : 'partly';
  }

  async function release(
    { account, region }: Target,
    key: string,
    end: Omit<ScanEnd, 'schedule' | 'fraction' | 'retryMs'>,
  ): Promise<void> {
    const whole: ScanEnd = {
      ...end,
      schedule: settings.schedule,
      fraction: random.fraction(),
      retryMs: Math.round(limits.scanInterval * retryPart),
    };
    try {
      await changeRecord(scans, key, (current) => released(current, instance, whole));
    } catch (error) {
      log.warn(
        { account, region, ...errorAdvice(error) },
        'a scan has ended, but its end could not be recorded: the target is scanned again once the claim has run out',
      );
    }
  }

  async function tidy(): Promise<void> {
    const now = clock.now();
    if (stopped() || now - tidiedAt < limits.documentGrace) return;
    tidiedAt = now;
    try {
      const removed = await collectGarbage(discovery);
      if (removed > 0)
        log.info({ removed }, 'stored OpenAPI documents that no API names any more were removed');
    } catch (error) {
      log.warn(
        errorAdvice(error),
        'stored OpenAPI documents that no API names any more could not be removed; the next try removes them',
      );
    }
  }

  return {
    stop: async () => {
      stopping.abort();
      await watch.stop();
      await loop;
      await Promise.all(running.values());
    },
  };
}

/** Hundreds of stages may fail in the same way. */
function inShort(failures: readonly ErrorSummary[]): ErrorSummary | undefined {
  const [first] = failures;
  if (!first) return undefined;
  const shown = failures.slice(0, 5).map(({ reason }) => reason);
  const more = failures.length - shown.length;
  return { code: first.code, reason: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ') };
}
