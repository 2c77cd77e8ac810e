/**
 * The scans of one integration. No leader and no message: every replica looks at what is due in the `scans` records and
 * claims it by compare-and-set. Each target is scanned on its own, so that a slow or denied one holds up no other.
 */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type ScanRecord } from '@federation-agent/contracts';
import { change, describeError } from '@federation-agent/service-kit';
import { collectGarbage } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { claimed, introduced, isDue, released, renewed, type ScanEnd } from './claim.ts';
import { healthComponent, reportHealth, reportScan } from './report.ts';
import { runOnce, type ScanResult } from './run-once.ts';

/** A failed scan is tried again after this part of the default interval: 3 minutes. */
const retryPart = 1 / 5;
/** Garbage is looked for after the first scan of a process, and then after every so many: about once an hour per target. */
const garbageEvery = 4;

export interface ScanLoop {
  stop(): Promise<void>;
}

export async function startScanLoop(discovery: Discovery, integration: Integration): Promise<ScanLoop> {
  const { scans, limits, clock, random, telemetry, instance, health } = discovery;
  const { settings, plane } = integration;
  const { integrationId } = settings;
  const log = telemetry.log.child({ integrationId });
  const stopping = new AbortController();
  const stopped = (): boolean => stopping.signal.aborted;
  const running = new Map<string, Promise<void>>();
  const met = new Set<string>();
  const waitingFor = new Map<string, string>();
  let wake = new AbortController();
  let finished = 0;

  const watch = await scans.watch(catalogKeys.ofIntegration(integrationId), () => wake.abort());

  const loop = (async () => {
    while (!stopped()) {
      wake = new AbortController();
      try {
        const { ready, waiting } = await plane.targets(stopping.signal);
        noteWaiting(waiting);
        await Promise.all(ready.map(lookAt));
      } catch (error) {
        if (!stopped()) log.warn({ reason: describeError(error) }, 'the targets are not known; trying on');
      }
      await clock.sleep(limits.claimRenewal, AbortSignal.any([wake.signal, stopping.signal]));
      // Many changes of records at once wake it once.
      await clock.sleep(limits.publishRetry, stopping.signal);
    }
  })();

  function noteWaiting(waiting: readonly { readonly label: string; readonly reason: string }[]): void {
    for (const label of waitingFor.keys()) {
      if (waiting.some((one) => one.label === label)) continue;
      waitingFor.delete(label);
      health.remove(healthComponent(integrationId, label));
    }
    for (const { label, reason } of waiting) {
      if (!waitingFor.has(label)) log.error({ target: label, reason }, 'the target waits for its account');
      waitingFor.set(label, reason);
      health.set(healthComponent(integrationId, label), { status: 'degraded', detail: reason });
    }
  }

  /** Starts a scan of the target if it is due and nobody has it. Never throws: one bad record holds up no other target. */
  async function lookAt(target: Target): Promise<void> {
    const key = catalogKeys.scan(integrationId, target.account, target.region);
    try {
      const record = await recordOf(target, key);
      if (!record || stopped()) return;
      reportHealth(health, record);
      const now = clock.now();
      if (running.has(key) || !isDue(record, now)) return;
      const claim = await change(scans, key, (current) => claimed(current, instance, now, limits.claim));
      if (claim?.value.claim?.instance !== instance || claim.value.lastAttemptAt !== now) return;
      const scan = runClaimed(target, key, now)
        .catch((error: unknown) => log.error({ reason: describeError(error) }, 'a scan broke off'))
        .finally(() => running.delete(key));
      running.set(key, scan);
    } catch (error) {
      const { account, region } = target;
      if (!stopped()) log.warn({ account, region, reason: describeError(error) }, 'no look at a due scan');
    }
  }

  async function recordOf(target: Target, key: string): Promise<ScanRecord | undefined> {
    const found = met.has(key) ? (await scans.get(key))?.value : undefined;
    if (found) return found;
    const now = clock.now();
    const record = await change(scans, key, (current) =>
      introduced(current, { integrationId, ...target }, settings.fingerprint, now),
    );
    met.add(key);
    return record?.value;
  }

  async function runClaimed(target: Target, key: string, startedAt: number): Promise<void> {
    let mineUntil = startedAt + limits.claim;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, stopping.signal]);
    const renewal = (async () => {
      for (;;) {
        await clock.sleep(limits.claimRenewal, signal);
        if (signal.aborted) return;
        const until = clock.now() + limits.claim;
        const renew = change(scans, key, (current) => renewed(current, instance, until));
        const record = await renew.catch(() => 'not now' as const);
        if (record === 'not now') continue;
        if (record?.value.claim?.instance !== instance) over.abort();
        else mineUntil = until;
      }
    })();
    const attributes = {
      'cloud.account.id': target.account,
      'cloud.region': target.region,
      'federation.integration.id': integrationId,
    };
    const run = { startedAt, signal, stillMine: () => clock.now() < mineUntil };
    let result: ScanResult | undefined;
    let failure: string | undefined;
    try {
      result = await telemetry.span('scan', { attributes }, () =>
        runOnce(discovery, integration, target, run),
      );
      failure = inShort(result.failures);
    } catch (error) {
      failure = describeError(error);
    }
    const lost = over.signal.aborted;
    over.abort();
    await renewal;
    if (lost) {
      log.info(
        { account: target.account, region: target.region },
        'the scan was taken over by another replica',
      );
      return;
    }
    await release(key, { startedAt, identity: target.identity, how: howItEnded(result, failure), failure });
    if (!stopped()) reportScan(discovery, target, { integrationId, startedAt, failure, result });
    await tidy();
  }

  function howItEnded(result: ScanResult | undefined, failure: string | undefined): ScanEnd['how'] {
    if (stopped()) return 'stopped';
    if (!result || result.gaveUp) return 'failed';
    return failure === undefined ? 'complete' : 'partly';
  }

  async function release(
    key: string,
    end: Pick<ScanEnd, 'startedAt' | 'identity' | 'how' | 'failure'>,
  ): Promise<void> {
    const whole: ScanEnd = {
      ...end,
      schedule: settings.schedule,
      fraction: random.fraction(),
      retryMs: Math.round(limits.scanInterval * retryPart),
    };
    try {
      await change(scans, key, (current) => released(current, instance, whole));
    } catch (error) {
      log.warn({ reason: describeError(error) }, 'a scan could not be released; its claim runs out');
    }
  }

  async function tidy(): Promise<void> {
    finished += 1;
    if (stopped() || finished % garbageEvery !== 1) return;
    try {
      const removed = await collectGarbage(discovery);
      if (removed > 0) log.info({ removed }, 'documents that nobody names were removed');
    } catch (error) {
      log.warn({ reason: describeError(error) }, 'documents that nobody names could not be removed');
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

/** Hundreds of stages may fail alike. */
function inShort(failures: readonly string[]): string | undefined {
  const shown = failures.slice(0, 5);
  const more = failures.length - shown.length;
  return shown.length === 0 ? undefined : [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
