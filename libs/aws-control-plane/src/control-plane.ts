/** The control plane of one integration: its targets, with their accounts as STS names them. */
import type { AwsProviderConfiguration, BudgetRecord, Limits } from '@federation-agent/contracts';
import {
  defineMetrics,
  describeError,
  type Broker,
  type Bucket,
  type Clock,
  type Randomness,
  type Telemetry,
} from '@federation-agent/service-kit';
import { createBudget } from './budget.ts';
import { createCaller } from './call.ts';
import { callerIdentity, type CallerIdentity } from './caller-identity.ts';
import { createClients } from './client.ts';
import { AwsCredentials } from './errors.ts';
import { createKeys } from './keys.ts';
import { awsMetrics } from './metrics.ts';
import type { ControlPlane, Target } from './model.ts';
import { partitionOf } from './partitions.ts';
import { createReads } from './reads.ts';
import { wantedTargets, type WantedTarget } from './targets.ts';

export interface ControlPlaneOptions {
  readonly integrationId: string;
  readonly configuration: AwsProviderConfiguration;
  readonly telemetry: Telemetry;
  /** The bucket `budget`, shared by all workers. */
  readonly budget: Bucket<BudgetRecord>;
  readonly broker: Pick<Broker, 'clockOffset'>;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly limits: Limits;
}

/** Opens the control plane; nothing is sent before it is asked for something. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { integrationId, configuration, telemetry, broker, clock, random, limits } = options;
  const { log } = telemetry;
  const metrics = defineMetrics(telemetry.registry, awsMetrics);
  const clients = createClients({ integrationId, configuration, limits });
  const budget = createBudget({
    bucket: options.budget,
    broker,
    clock,
    random,
    limits,
    log,
    metrics,
    rate: configuration.requestsPerSecond,
    burst: configuration.burst,
  });
  const secrets = [
    configuration.secretAccessKey,
    configuration.sessionToken,
    configuration.externalId,
    ...configuration.targets.map((target) => target.externalId),
  ].filter((secret) => secret !== undefined);
  const wanted = wantedTargets(configuration);
  const identities = new Map<string, CallerIdentity>();
  const underWay = new Map<string, Promise<CallerIdentity>>();
  const made = new Map<string, { readonly target: Target; readonly label: string }>();

  /** The identity's account; STS is asked once at a time, and again after it failed. */
  async function identityOf(
    { identity, region }: WantedTarget,
    signal?: AbortSignal,
  ): Promise<CallerIdentity> {
    const known = identities.get(identity.key);
    if (known) return known;
    const asked =
      underWay.get(identity.key) ??
      callerIdentity({
        integrationId,
        configuration,
        limits,
        identity,
        region,
        telemetry,
        secrets,
        signal,
      }).finally(() => underWay.delete(identity.key));
    underWay.set(identity.key, asked);
    const answer = await asked;
    identities.set(identity.key, answer);
    return answer;
  }

  function make(account: string, arn: string, { identity, region, label }: WantedTarget): Target {
    const key = `${account} ${region}`;
    const known = made.get(key);
    if (known) {
      // Two identities of one account: the first one is as good, and two scans of the same would not be.
      if (known.label !== label)
        log.warn({ account, region }, `the target ${label} is the same as ${known.label}`);
      return known.target;
    }
    const caller = createCaller({
      clients,
      budget,
      telemetry,
      metrics,
      clock,
      random,
      identity,
      account,
      region,
      secrets,
    });
    const target: Target = {
      account,
      region,
      ...partitionOf(region),
      identity: arn,
      reads: createReads(caller, limits),
      keys: createKeys(caller, limits),
    };
    made.set(key, { target, label });
    return target;
  }

  async function resolve(one: WantedTarget, signal?: AbortSignal): Promise<Target | { reason: string }> {
    if (one.account !== undefined) return make(one.account, one.identity.roleArn ?? one.account, one);
    try {
      const { account, arn } = await identityOf(one, signal);
      return make(account, arn, one);
    } catch (error) {
      return { reason: describeError(error) };
    }
  }

  async function resolveAll(signal?: AbortSignal) {
    const answers = await Promise.all(
      wanted.map(async (one) => ({ one, answer: await resolve(one, signal) })),
    );
    return {
      ready: [...new Set(answers.flatMap(({ answer }) => ('reason' in answer ? [] : [answer])))],
      waiting: answers.flatMap(({ one, answer }) =>
        'reason' in answer ? [{ label: one.label, region: one.region, reason: answer.reason }] : [],
      ),
    };
  }

  return {
    targets: resolveAll,
    async target(account, region) {
      const known = made.get(`${account} ${region}`);
      if (known) return known.target;
      const { ready, waiting } = await resolveAll();
      const found = ready.find((target) => target.account === account && target.region === region);
      const perhaps = waiting.find((one) => one.region === region);
      if (found || !perhaps) return found;
      throw new AwsCredentials(`the account of ${perhaps.label} is not known yet: ${perhaps.reason}`, {
        operation: 'GetCallerIdentity',
        account,
        region,
      });
    },
    close: () => clients.close(),
  };
}
