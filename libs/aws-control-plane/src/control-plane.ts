/** The control plane of one integration: its targets, with their accounts as STS names them. */
import type { AwsProviderConfiguration, BudgetRecord, Limits } from '@federation-agent/contracts';
import {
  defineMetrics,
  describeError,
  type Broker,
  type Bucket,
  type Clock,
  type LiveConfig,
  type ProxyRoute,
  type Randomness,
  type Telemetry,
} from '@federation-agent/service-kit';
import { createBudget } from './budget.ts';
import { createCaller } from './call.ts';
import { callerIdentity, IdentityUnknown, type CallerIdentity } from './caller-identity.ts';
import { createClients } from './client.ts';
import { createCredentials } from './credentials.ts';
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
  /** Where new keys come from while the process runs; absent: nowhere. */
  readonly live?: LiveConfig;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly limits: Limits;
  /** The way to AWS; absent: no proxy. */
  readonly proxy?: ProxyRoute | undefined;
}

/** Long waits are those for instance or container metadata, of up to 25 s, and for an STS that is not reachable. */
const stillAsked = 'no credentials yet, or no answer of STS, which may be out of reach: still being asked';

/** Opens the control plane; nothing is sent before it is asked for something. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { integrationId, configuration, telemetry, broker, clock, random, limits, proxy } = options;
  const { log } = telemetry;
  const metrics = defineMetrics(telemetry.registry, awsMetrics);
  const credentials = createCredentials({ integrationId, configuration, limits, proxy, clock, log });
  const clients = createClients({ configuration, credentials, limits, proxy });
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
  /** Why an identity was not known the last time; the next answer may take long. */
  const failures = new Map<string, IdentityUnknown>();
  /** Targets whose `accountId` is taken as it is configured. */
  const unasked = new Set<string>();
  const doubles = new Set<string>();
  const made = new Map<string, { readonly target: Target; readonly label: string }>();
  const closing = new AbortController();
  const unwatch = options.live && watchKeys(options.live, integrationId, renew);

  function renew(other: AwsProviderConfiguration): void {
    secrets.push(...[other.secretAccessKey, other.sessionToken].filter((secret) => secret !== undefined));
    credentials.renew(other);
    for (const { identity } of wanted) clients.forget(identity);
    // Who we are now is asked, logged and shown anew.
    identities.clear();
    unasked.clear();
  }

  /** Who the identity is; STS is asked once at a time, and again after it failed. @throws IdentityUnknown */
  function identityOf({ identity, region, label }: WantedTarget): Promise<CallerIdentity> {
    const known = identities.get(identity.key);
    if (known) return Promise.resolve(known);
    const asked =
      underWay.get(identity.key) ??
      callerIdentity({
        configuration,
        credentials,
        limits,
        proxy,
        identity,
        region,
        telemetry,
        secrets,
        signal: closing.signal,
      })
        .then((answer) => {
          identities.set(identity.key, answer);
          const { account, arn } = answer;
          log.info({ integrationId, account, arn, target: label }, `AWS is called as ${arn}`);
          return answer;
        })
        .catch((error: unknown) => {
          if (error instanceof IdentityUnknown) failures.set(identity.key, error);
          throw error;
        })
        .finally(() => underWay.delete(identity.key));
    underWay.set(identity.key, asked);
    return asked;
  }

  function make(account: string, arn: string, { identity, region, label }: WantedTarget): Target {
    const key = `${account} ${region}`;
    const known = made.get(key);
    if (known) {
      // Two identities of one account: the first one is as good, and two scans of the same would not be.
      if (known.label !== label && !doubles.has(label)) {
        doubles.add(label);
        log.warn(
          { account, region },
          `the target ${label} is the same as ${known.label}, which is used: remove one of them`,
        );
      }
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
      get identity() {
        return identities.get(identity.key)?.arn ?? arn;
      },
      reads: createReads(caller, limits),
      keys: createKeys(caller, limits),
    };
    made.set(key, { target, label });
    return target;
  }

  async function resolve(one: WantedTarget, enough: Promise<'slow'>): Promise<Target | { reason: string }> {
    const { account, region, identity, label } = one;
    if (account !== undefined && unasked.has(label)) return make(account, identity.roleArn ?? account, one);
    try {
      const asked = identityOf(one);
      // Nobody may be listening any more when it fails.
      asked.catch(() => undefined);
      const answer = await Promise.race([asked, enough]);
      if (answer === 'slow') throw failures.get(identity.key) ?? new IdentityUnknown(stillAsked, false);
      if (account !== undefined && account !== answer.account)
        return {
          reason: `accountId is ${account}, but these credentials belong to ${answer.account} (${answer.arn}). Correct accountId, or roleArn.`,
        };
      return make(answer.account, answer.arn, one);
    } catch (error) {
      const reason = describeError(error);
      if (account === undefined || !(error instanceof IdentityUnknown) || !error.unreachable)
        return { reason };
      // A network without STS: that is what accountId is for.
      log.warn({ account, region, reason }, 'STS cannot be asked: accountId is taken as it is configured');
      unasked.add(label);
      return make(account, identity.roleArn ?? account, one);
    }
  }

  async function resolveAll(signal?: AbortSignal) {
    const answered = new AbortController();
    const patience = AbortSignal.any([answered.signal, closing.signal, ...(signal ? [signal] : [])]);
    // One slow identity must not hold up the targets of the others for long.
    const enough = clock.sleep(limits.creatingCall, patience).then(() => 'slow' as const);
    const answers = await Promise.all(
      wanted.map(async (one) => ({ one, answer: await resolve(one, enough) })),
    );
    answered.abort();
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
    close() {
      unwatch?.();
      closing.abort();
      clients.close();
    },
  };
}

/** @returns how to stop */
function watchKeys(
  live: LiveConfig,
  integrationId: string,
  renew: (configuration: AwsProviderConfiguration) => void,
): () => void {
  const index = live.current().integration.providers.findIndex((one) => one.integrationId === integrationId);
  return live.watch(`integration.providers[${index}].configuration`, ({ integration }) => {
    const provider = integration.providers[index];
    if (provider) renew(provider.configuration);
  });
}
