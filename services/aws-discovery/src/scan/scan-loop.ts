/**
 * The scans of one integration. No leader and no message: every replica looks at what is due in the `scans` records and
 * claims it by compare-and-set. Each target is scanned on its own, so that a slow or denied one holds up no other.
 */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type ScanRecord } from '@federation-agent/contracts';
import { change, describeError, publishEvent } from '@federation-agent/service-kit';
import { collectGarbage, garbageEvery } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { runOnce, type ScanResult } from './run-once.ts';
import { claimed, introduced, isDue, released, renewed } from './scan-record.ts';

export interface ScanLoop {
  stop(): Promise<void>;
}

export async function startScanLoop(discovery: Discovery, integration: Integration): Promise<ScanLoop> {
  const { scans, limits, clock, telemetry, instance, health } = discovery;
  const { settings, plane } = integration;
  const { integrationId } = settings;
  const log = telemetry.log.child({ integrationId });
  const stopping = new AbortController();
  const stopped = (): boolean => stopping.signal.aborted;
  const running = new Map<string, Promise<void>>();
  let wake = new AbortController();
  let finished = 0;
  const component = (label: string): string => `aws:${integrationId}:${label}`;

  const watch = await scans.watch(catalogKeys.ofIntegration(integrationId), () => wake.abort());

  const loop = (async () => {
    const waitingFor = new Map<string, string>();
    while (!stopped()) {
      wake = new AbortController();
      try {
        const { ready, waiting } = await plane.targets(stopping.signal);
        for (const label of [...waitingFor.keys()]) {
          if (waiting.some((one) => one.label === label)) continue;
          waitingFor.delete(label);
          health.remove(component(label));
        }
        for (const { label, reason } of waiting) {
          if (waitingFor.get(label) !== reason)
            log.error({ target: label, reason }, 'the account is not known; the target waits');
          waitingFor.set(label, reason);
          health.set(component(label), { status: 'degraded', detail: reason });
        }
        for (const target of ready) await startIfDue(target);
      } catch (error) {
        if (!stopped()) log.warn({ reason: describeError(error) }, 'looking for due scans failed; trying on');
      }
      await clock.sleep(limits.claimRenewal, AbortSignal.any([wake.signal, stopping.signal]));
      // Many changes of records at once wake it once.
      await clock.sleep(limits.publishRetry, stopping.signal);
    }
  })();

  async function startIfDue(target: Target): Promise<void> {
    const key = catalogKeys.scan(integrationId, target.account, target.region);
    if (running.has(key)) return;
    const now = clock.now();
    const record = await change(scans, key, (current) =>
      introduced(current, { integrationId, ...target }, settings.fingerprint, now),
    );
    if (!record || !isDue(record.value, now)) return;
    const claim = await change(scans, key, (current) => claimed(current, instance, now, limits.claim));
    if (claim?.value.claim?.instance !== instance || claim.value.lastAttemptAt !== now) return;
    running.set(
      key,
      scan(target, key, now).finally(() => running.delete(key)),
    );
  }

  async function scan(target: Target, key: string, startedAt: number): Promise<void> {
    let mineUntil = startedAt + limits.claim;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, stopping.signal]);
    const renewal = (async () => {
      for (;;) {
        await clock.sleep(limits.claimRenewal, signal);
        if (signal.aborted) return;
        const until = clock.now() + limits.claim;
        const record = await change(scans, key, (current) => renewed(current, instance, until)).catch(
          () => undefined,
        );
        if (record && record.value.claim?.instance !== instance) stop.abort();
        else if (record) mineUntil = until;
      }
    })();
    const attributes = {
      'cloud.account.id': target.account,
      'cloud.region': target.region,
      'federation.integration.id': integrationId,
    };
    const outcome = await telemetry
      .span('scan', { attributes }, () =>
        runOnce(discovery, integration, target, { stillMine: () => clock.now() < mineUntil, signal }),
      )
      .then(
        (result) => ({
          result,
          failure: result.failures.length > 0 ? result.failures.join('; ') : undefined,
        }),
        (error: unknown) => ({ result: undefined, failure: describeError(error) }),
      );
    stop.abort();
    await renewal;
    const failure = stopped() ? 'stopped' : outcome.failure;
    const end = {
      startedAt,
      settings,
      failure,
      fraction: discovery.random.fraction(),
      retryMs: stopped() ? 0 : Math.round(limits.scanInterval / 5),
    };
    const record = await change(scans, key, (current) => released(current, instance, end)).catch(
      (error: unknown) => {
        log.warn({ reason: describeError(error) }, 'a scan could not be released; its claim runs out');
        return undefined;
      },
    );
    if (!stopped()) tell(target, { startedAt, failure, result: outcome.result, record: record?.value });
    finished += 1;
    if (finished % garbageEvery === 1) {
      await collectGarbage(discovery).catch((error: unknown) =>
        log.warn({ reason: describeError(error) }, 'documents that nobody names could not be removed'),
      );
    }
  }

  function tell(
    target: Target,
    told: {
      startedAt: number;
      failure: string | undefined;
      result: ScanResult | undefined;
      record: ScanRecord | undefined;
    },
  ): void {
    const { account, region, identity } = target;
    const { startedAt, failure, result, record } = told;
    const { metrics, broker } = discovery;
    const durationMs = clock.now() - startedAt;
    const what = failure === undefined ? 'completed' : 'incomplete';
    const counts = {
      apis: result?.entries.length ?? 0,
      plans: result?.plans ?? 0,
      exports: result?.exports ?? 0,
    };
    metrics.scans.inc({ account, region, result: what });
    metrics.scanSeconds.observe(durationMs / 1_000);
    if (result) metrics.entries.set({ account, region }, counts.apis);
    if (failure === undefined) {
      metrics.lastComplete.set({ account, region }, startedAt / 1_000);
      log.info({ account, region, ...counts, durationMs }, 'scan completed');
    } else {
      log.warn(
        { account, region, ...counts, durationMs, reason: failure },
        'scan incomplete: the last good catalog stays',
      );
    }
    health.set(component(`${account}/${region}`), {
      status: failure === undefined ? 'up' : 'degraded',
      ...(failure !== undefined && { detail: failure }),
      data: {
        identity,
        ...(record?.lastCompleteAt !== undefined && {
          lastCompleteScan: new Date(record.lastCompleteAt).toISOString(),
        }),
        ...counts,
      },
    });
    publishEvent(broker, 'scan', what, {
      at: clock.now(),
      integrationId,
      account,
      region,
      what,
      ...counts,
      durationMs,
      failures: result?.failures.slice(0, 20) ?? (failure === undefined ? [] : [failure]),
    });
  }

  return {
    stop: async () => {
      stopping.abort();
      await watch.stop();
      await Promise.all([loop, ...running.values()]);
    },
  };
}
