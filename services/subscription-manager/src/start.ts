/** Wires the service: a worker for SUBSCRIBE and UNSUBSCRIBE, and a sweeper, over the AWS side of each integration. */
import { createControlPlane } from '@federation-agent/aws-control-plane';
import {
  BudgetRecord,
  buckets,
  CatalogEntry,
  Gate,
  ScanRecord,
  SubscriptionRecord,
} from '@federation-agent/contracts';
import {
  ConfigurationError,
  openBucket,
  openChunkStore,
  startWorker,
  type Health,
  type StartService,
} from '@federation-agent/service-kit';
import { subscribe } from './commands/subscribe.ts';
import { unsubscribe } from './commands/unsubscribe.ts';
import { subscriptionMetrics } from './metrics.ts';
import { createPlans } from './plans.ts';
import type { Saga } from './saga/saga.ts';
import { createSealer } from './saga/seal.ts';
import { startSweeper, type SweepResult } from './saga/sweep.ts';
import { createTargets } from './targets.ts';

/** At stop: what commands under way may still take, within `limits.shutdown`. */
const workerShare = 0.6;

/** Starts subscription-manager. */
export const startSubscriptionManager: StartService = async (context) => {
  const { broker, config, limits, telemetry, instance, clock, random, health } = context;
  const { sealingKey, previousSealingKeys } = config.federation;
  if (sealingKey === undefined) {
    throw new ConfigurationError(['federation.sealingKey: required: 32 random bytes, base64']);
  }
  const [records, gates, scans, catalog, budget, payloads] = await Promise.all([
    openBucket(broker, buckets.subscriptions, SubscriptionRecord),
    openBucket(broker, buckets.gates, Gate),
    openBucket(broker, buckets.scans, ScanRecord),
    openBucket(broker, buckets.catalog, CatalogEntry),
    openBucket(broker, buckets.budget, BudgetRecord),
    openChunkStore(broker, 'payloads'),
  ]);
  const { providers } = config.integration;
  const integrationIds = providers.map(({ integrationId }) => integrationId);
  const saga: Saga = {
    records,
    gates,
    broker,
    plans: createPlans({ scans, catalog }),
    targets: createTargets(
      new Map(
        providers.map(({ integrationId, configuration }) => [
          integrationId,
          createControlPlane({
            integrationId,
            configuration,
            telemetry,
            budget,
            broker,
            clock,
            random,
            limits,
          }),
        ]),
      ),
    ),
    sealer: createSealer({ key: sealingKey, previous: previousSealingKeys, random }),
    telemetry,
    metrics: subscriptionMetrics(telemetry.registry),
    limits,
    clock,
    random,
    instance,
  };

  const sweeper = startSweeper(saga, { integrationIds, onSwept: (result) => tell(health, result) });
  const worker = await startWorker({
    broker,
    kind: 'subscription',
    integrationIds,
    telemetry,
    instance,
    clock,
    payloads,
    handle: (command, commandContext) =>
      command.type === 'SUBSCRIBE'
        ? subscribe(saga, command, commandContext)
        : unsubscribe(saga, command, commandContext),
  });
  return {
    stop: async () => {
      const share = limits.shutdown * workerShare;
      const stopped = new AbortController();
      await Promise.all([
        worker.stop(share),
        Promise.race([sweeper.stop(), clock.sleep(share, stopped.signal)]),
      ]);
      stopped.abort();
      saga.targets.close();
      health.remove(component);
    },
  };
};

const component = 'subscriptions';

function tell(health: Health, result: SweepResult): void {
  if ('failed' in result) {
    health.set(component, { status: 'degraded', detail: `the last sweep failed: ${result.failed}` });
    return;
  }
  const { records, failures } = result;
  const unresolved = records['unresolved'] ?? 0;
  const detail = [
    ...(failures > 0 ? [`${failures} records could not be swept`] : []),
    ...(unresolved > 0 ? [`${unresolved} API keys of unknown id must be deleted by name`] : []),
  ].join('; ');
  health.set(component, {
    status: detail === '' ? 'up' : 'degraded',
    ...(detail !== '' && { detail }),
    data: { records },
  });
}
