/** Puts together what the saga works with, from what every service is given. */
import { createControlPlane } from '@federation-agent/aws-control-plane';
import {
  BudgetRecord,
  buckets,
  CatalogEntry,
  Gate,
  ScanRecord,
  SubscriptionRecord,
} from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';
import { openBucket } from '@federation-agent/broker';
import { internetRoute } from '@federation-agent/net';
import type { ServiceContext } from '@federation-agent/service-kit';
import { subscriptionMetrics } from './metrics.ts';
import { createPlans } from './plans.ts';
import type { Saga } from './saga/saga.ts';
import { createSealer } from './saga/seal.ts';
import { createTargets } from './targets.ts';

/** @throws ConfigurationError without a sealing key. `saga.targets.close()` closes the connections to AWS. */
export async function openSaga(context: ServiceContext): Promise<Saga> {
  const { broker, config, limits, instance, clock, random } = context;
  const telemetry = context.telemetry.forArea('saga');
  const { sealingKey, previousSealingKeys } = config.federation;
  if (sealingKey === undefined) {
    throw new ConfigurationError(['federation.sealingKey: required: 32 random bytes, base64']);
  }
  const [records, gates, scans, catalog, budget] = await Promise.all([
    openBucket(broker, buckets.subscriptions, SubscriptionRecord),
    openBucket(broker, buckets.gates, Gate),
    openBucket(broker, buckets.scans, ScanRecord),
    openBucket(broker, buckets.catalog, CatalogEntry),
    openBucket(broker, buckets.budget, BudgetRecord),
  ]);
  const proxy = internetRoute(config, process.env);
  const planes = config.integration.providers.map(({ integrationId, configuration }) => {
    const live = context.live && { live: context.live };
    const shared = { telemetry: context.telemetry, budget, broker, clock, random, limits, proxy, ...live };
    return [integrationId, createControlPlane({ integrationId, configuration, ...shared })] as const;
  });
  return {
    records,
    gates,
    broker,
    plans: createPlans({ scans, catalog }),
    targets: createTargets(new Map(planes)),
    sealer: createSealer({ key: sealingKey, previous: previousSealingKeys, random }),
    telemetry,
    metrics: subscriptionMetrics(telemetry.registry),
    limits,
    clock,
    random,
    instance,
  };
}
