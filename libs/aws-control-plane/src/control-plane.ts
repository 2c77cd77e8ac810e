/** The control plane of one integration: its targets, with the accounts that STS tells. */
import type { AwsProviderConfiguration, BudgetRecord, Limits } from '@federation-agent/contracts';
import {
  type Clock,
  defineMetrics,
  describeError,
  type Randomness,
  type Telemetry,
} from '@federation-agent/base';
import type { Broker, Bucket } from '@federation-agent/broker';
import type { LiveConfig } from '@federation-agent/configuration';
import type { ProxyRoute } from '@federation-agent/net';
import { createBudget } from './budget.ts';
import { createCaller } from './call.ts';
import { IdentityUnknown } from './caller-identity.ts';
import { createClients } from './client.ts';
import { createCredentials, secretsOf } from './credentials.ts';
import { AwsCredentials } from './errors.ts';
import { createIdentities } from './identities.ts';
import { createKeys } from './keys.ts';
import { awsMetrics } from './metrics.ts';
import type { ControlPlane, Target, WaitingTarget } from './model.ts';
import { partitionOf } from './partitions.ts';
import { queueAddress } from './queue-address.ts';
import { createQueue } from './queue.ts';
import { createDomainReads } from './reads-domains.ts';
import { createV2Reads } from './reads-v2.ts';
import { createReads } from './reads.ts';
import { configuredTargets, type ConfiguredTarget } from './targets.ts';

export interface ControlPlaneOptions {
  readonly integrationId: string;
  readonly configuration: AwsProviderConfiguration;
  readonly telemetry: Telemetry;
  /** The bucket `budget`, shared by all workers. */
  readonly budget: Bucket<BudgetRecord>;
  readonly broker: Pick<Broker, 'clockOffset'>;
  /** Tells new keys while the process runs; absent: keys never change. */
  readonly live?: LiveConfig;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly limits: Limits;
  /** The way to AWS; absent: no proxy. */
  readonly proxy?: ProxyRoute | undefined;
}

/** Instance or container metadata may take up to 25 s, and an unreachable STS takes long too. */
const stillAsked = 'no credentials yet, or no answer of STS, which may be out of reach: still being asked';

const replaced = 'the keys were replaced while STS was asked: it is asked again';

/** Opens the control plane. It sends nothing until it is asked for something. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { integrationId, configuration, broker, clock, random, limits, proxy } = options;
  const telemetry = options.telemetry.forArea('aws');
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
  const secrets = [...secretsOf(configuration)];
  const closing = new AbortController();
  const { signal } = closing;
  const identities = createIdentities({ ...options, credentials, telemetry, secrets, signal });
  let wanted = configuredTargets(configuration);
  const queues = wanted.flatMap(({ identity, region, changeQueueUrl: url }, index) => {
    if (url === undefined || wanted.findIndex(({ changeQueueUrl }) => changeQueueUrl === url) < index)
      return [];
    const address = queueAddress(url, region);
    return [createQueue({ address, identity, configuration, credentials, limits, proxy, secrets })];
  });
  /** Targets whose configured `accountId` is trusted without asking. */
  const unasked = new Set<string>();
  const doubles = new Set<string>();
  /** By account and region. */
  const made = new Map<string, Made>();
  /** Targets from before the keys were replaced: our identity there is not known yet. */
  const former = new Map<string, Made>();
  const unwatch = options.live && watchKeys(options.live, integrationId, renew);

  function renew(other: AwsProviderConfiguration): void {
    secrets.push(...secretsOf(other));
    credentials.renew(other);
    for (const { identity } of wanted) clients.forget(identity);
    for (const queue of queues) queue.forget();
    wanted = configuredTargets(other);
    for (const [key, target] of made) former.set(key, target);
    made.clear();
    identities.forget();
    unasked.clear();
  }

  function make(account: string, arn: string, one: ConfiguredTarget): Target {
    const { identity, region, label } = one;
    const key = `${account} ${region}`;
    const known = made.get(key);
    if (known) {
      // Two identities lead to the same account and region: only the first is used, because two scans would do the same
      // work.
      if (known.label !== label && !doubles.has(label)) {
        doubles.add(label);
        log.warn(
          { integrationId, account, region, target: label, used: known.label },
          `the target ${label} is the same as ${known.label}, which is used: remove one of them`,
        );
      }
      return known.target;
    }
    const before = former.get(key);
    const same = before?.label === label && before.identityKey === identity.key;
    const target = same ? before.target : newTarget(account, arn, one);
    made.set(key, { target, label, identityKey: identity.key });
    return target;
  }

  function newTarget(account: string, arn: string, one: ConfiguredTarget): Target {
    const { identity, region, changeQueueUrl } = one;
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
      verified: async () => {
        if ((await find(account, region)) !== undefined) return;
        const facts = { operation: 'GetCallerIdentity', account, region };
        throw new AwsCredentials('the keys were replaced by those of another account', facts);
      },
    });
    return {
      account,
      region,
      ...partitionOf(region),
      get identity() {
        return identities.known(identity)?.arn ?? arn;
      },
      ...(changeQueueUrl !== undefined && { changeQueueUrl }),
      reads: createReads(caller, limits),
      v2: createV2Reads(caller, limits),
      domains: createDomainReads(caller, limits),
      keys: createKeys(caller, limits),
    };
  }

  async function resolve(one: ConfiguredTarget, enough: Promise<'slow'>): Promise<Target | WaitingTarget> {
    const { account, region, identity, label } = one;
    if (account !== undefined && unasked.has(label)) return make(account, identity.roleArn ?? account, one);
    const waits = (reason: string): WaitingTarget => ({ label, region, account, reason });
    try {
      const asked = identities.ask(identity);
      // Nobody may be listening any more when it fails.
      asked.catch(() => undefined);
      const answer = await Promise.race([asked, enough]);
      if (answer === 'slow') throw identities.failure(identity) ?? new IdentityUnknown(stillAsked, false);
      if (identities.known(identity) !== answer) throw new IdentityUnknown(replaced, false);
      if (account !== undefined && account !== answer.account)
        return waits(
          `accountId is ${account}, but these credentials belong to ${answer.account} (${answer.arn}). Correct accountId, or roleArn.`,
        );
      return make(answer.account, answer.arn, one);
    } catch (error) {
      const reason = describeError(error);
      if (account === undefined || !(error instanceof IdentityUnknown) || !error.unreachable)
        return waits(reason);
      // A network without STS: `accountId` exists for this case.
      log.warn(
        { integrationId, account, region, reason },
        'STS cannot be asked: accountId is taken as it is configured',
      );
      unasked.add(label);
      return make(account, identity.roleArn ?? account, one);
    }
  }

  /** Asks for several at once. One slow identity must not hold up the others for long. */
  async function within<T>(some: (enough: Promise<'slow'>) => Promise<T>, given?: AbortSignal): Promise<T> {
    const answered = new AbortController();
    const patience = AbortSignal.any([answered.signal, signal, ...(given ? [given] : [])]);
    try {
      return await some(clock.sleep(limits.creatingCall, patience).then(() => 'slow' as const));
    } finally {
      answered.abort();
    }
  }

  /** The target as soon as it is known; other candidates are not waited for. */
  async function find(account: string, region: string): Promise<Target | undefined> {
    const known = made.get(`${account} ${region}`);
    if (known) return known.target;
    const perhaps = wanted.filter((one) => one.region === region && (one.account ?? account) === account);
    const waiting: WaitingTarget[] = [];
    const look = async (one: ConfiguredTarget, enough: Promise<'slow'>): Promise<Target> => {
      const answer = await resolve(one, enough);
      if ('reason' in answer) waiting.push(answer);
      else if (answer.account === account) return answer;
      throw new Error('another one');
    };
    const found = await within((enough) =>
      Promise.any(perhaps.map((one) => look(one, enough))).catch(() => undefined),
    );
    const [one] = waiting;
    if (found || !one) return found;
    throw new AwsCredentials(`the account of ${one.label} is not known yet: ${one.reason}`, {
      operation: 'GetCallerIdentity',
      account,
      region,
    });
  }

  return {
    async targets(given) {
      const answers = await within((enough) => Promise.all(wanted.map((one) => resolve(one, enough))), given);
      const ready = [...new Set(answers.flatMap((answer) => ('reason' in answer ? [] : [answer])))];
      const waiting = answers.flatMap((answer) => ('reason' in answer ? [answer] : []));
      metrics.targets.set({ integration: integrationId, state: 'ready' }, ready.length);
      metrics.targets.set({ integration: integrationId, state: 'waiting' }, waiting.length);
      return { ready, waiting };
    },
    target: find,
    changeQueues: () => queues,
    labels: () => wanted.map(({ label }) => label),
    close() {
      unwatch?.();
      closing.abort();
      clients.close();
      for (const queue of queues) queue.forget();
    },
  };
}

interface Made {
  readonly target: Target;
  readonly label: string;
  readonly identityKey: string;
}

/** @returns a function that stops it */
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
