/**
 * What a check by an operator tries in a target: our identity and what we may read, with the agent's own credentials
 * and connections. It changes nothing. The calls are few and take no token of the shared budget.
 */
import {
  GetAccountCommand,
  GetApiKeysCommand,
  GetDomainNamesCommand,
  GetExportCommand,
  GetRestApisCommand,
  GetStagesCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import { awsPageSize, type AwsProviderConfiguration, type Limits } from '@federation-agent/contracts';
import { z } from 'zod';
import { type Clock, describeError, type Telemetry } from '@federation-agent/base';
import type { ProxyRoute } from '@federation-agent/net';
import { readErrorAnswer, type RawAnswer } from './answer.ts';
import { callerIdentity, type CallerIdentity } from './caller-identity.ts';
import { createClients, type Clients, type Command, type Exchange } from './client.ts';
import { createCredentials, secretsOf, type Credentials } from './credentials.ts';
import { isV2, type Operation } from './permissions.ts';
import { queueAddress } from './queue-address.ts';
import { createQueue } from './queue.ts';
import { hasRules } from './reads-domains.ts';
import { loadV2 } from './sdk-v2.ts';
import { configuredTargets, type ConfiguredTarget } from './targets.ts';
import { redactedLine, toAwsError, unreadableAnswer } from './to-aws-error.ts';
import { domainOnWire, readRulesPage, routingRuleOnWire } from './wire-domains.ts';
import { readV2Page, v2ApiOnWire } from './wire-v2.ts';
import {
  readAccountThrottle,
  readDocument,
  readPage,
  restApiOnWire,
  stageOnWire,
  usagePlanOnWire,
  type Reading,
} from './wire.ts';

export interface ProbeOptions {
  readonly integrationId: string;
  readonly configuration: AwsProviderConfiguration;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly limits: Limits;
  /** The way to AWS; absent: no proxy. */
  readonly proxy?: ProxyRoute | undefined;
  /** Aborting it ends every call. */
  readonly signal: AbortSignal;
}

/** An opt-in of the configuration, and a read that shows whether AWS allows it. */
export interface OptInProbe {
  /** The operation that is tried. */
  readonly operation: string;
  /** The keys that ask for it. */
  readonly keys: string;
  /** What the right gives. */
  readonly gives: string;
  /** @throws AwsError */
  readonly ask: (account: string) => Promise<unknown>;
}

/** One target. Every read throws AwsError. */
export interface TargetProbe {
  /** For people: `eu-west-1 as arn:aws:iam::123456789012:role/agent`. */
  readonly label: string;
  readonly region: string;
  /** As configured. */
  readonly account: string | undefined;
  /** @throws IdentityUnknown */
  identity(): Promise<CallerIdentity>;
  /** GetRestApis, one item: the id of some REST API; undefined when there is none. */
  someApi(account: string): Promise<string | undefined>;
  /** GetUsagePlans, one item. */
  usagePlans(account: string): Promise<void>;
  /** GetStages: the name of some stage of the API; undefined when there is none. */
  someStage(account: string, restApiId: string): Promise<string | undefined>;
  /** GetExport. */
  exportDocument(account: string, restApiId: string, stage: string): Promise<void>;
  /**
   * GetApiKeys, without their values: how many there are, or why that is unknown. The agent does not need this right.
   */
  countApiKeys(): Promise<{ readonly count: number } | { readonly reason: string; readonly denied: boolean }>;
  /** What the configuration asks for beyond the minimum policy: one read for each. */
  readonly optIns: readonly OptInProbe[];
  /** AWS's clock minus this host's, ms, exact to about a second; undefined before the first answer. */
  clockOffset(): number | undefined;
}

export interface Probes {
  readonly targets: readonly TargetProbe[];
  close(): void;
}

/** Opens the probes of all targets of an integration. Nothing is sent until a probe is asked. */
export function openProbes(options: ProbeOptions): Probes {
  const { integrationId, configuration, limits, clock, telemetry, proxy, signal } = options;
  const credentials = createCredentials({
    integrationId,
    configuration,
    limits,
    clock,
    log: telemetry.log,
    proxy,
  });
  const clients = createClients({ configuration, credentials, limits, proxy });
  const secrets = secretsOf(configuration);
  const identityOf = ({ identity, region }: ConfiguredTarget): Promise<CallerIdentity> =>
    callerIdentity({
      configuration,
      credentials,
      limits,
      identity,
      region,
      telemetry,
      secrets,
      signal,
      proxy,
    });
  return {
    targets: configuredTargets(configuration).map((wanted) =>
      probeOf(wanted, { ...options, clients, credentials, secrets, identity: () => identityOf(wanted) }),
    ),
    close: () => clients.close(),
  };
}

interface Means extends ProbeOptions {
  readonly credentials: Credentials;
  readonly clients: Clients;
  readonly secrets: readonly string[];
  readonly identity: () => Promise<CallerIdentity>;
}

function probeOf(wanted: ConfiguredTarget, means: Means): TargetProbe {
  const { label, region, account, identity } = wanted;
  const { clients, secrets, clock, limits, signal } = means;
  let offset: number | undefined;

  const exchange = async (command: Command, v2 = false): Promise<Exchange> => {
    let sentAt = clock.now();
    const result = await clients.exchange(identity, region, command, {
      v2,
      signal,
      timeout: limits.creatingCall,
      fresh: false,
      beforeSending: () => {
        sentAt = clock.now();
      },
    });
    const answer = 'answer' in result ? result.answer : result.failure.answer;
    const date = Date.parse(answer?.headers['date'] ?? '');
    // The header has whole seconds, so half a second is added. It is compared with the middle of the call.
    if (Number.isFinite(date)) offset = date + 500 - (sentAt + clock.now()) / 2;
    return result;
  };
  const read = async <T>(
    operation: Operation,
    inAccount: string,
    command: Command,
    reading: (answer: RawAnswer) => Reading<T>,
  ): Promise<T> => {
    const facts = { operation, account: inAccount, region, change: false, secrets };
    const result = await exchange(command, isV2(operation));
    if ('failure' in result) throw toAwsError(facts, result.failure);
    const value = reading(result.answer);
    if ('unreadable' in value) throw unreadableAnswer(facts, result.answer, value.unreadable);
    return value.value;
  };

  return {
    label,
    region,
    account,
    identity: means.identity,
    someApi: async (inAccount) => {
      const command = new GetRestApisCommand({ limit: 1 });
      const page = await read('GetRestApis', inAccount, command, (answer) => readPage(answer, restApiOnWire));
      return page.items[0]?.id;
    },
    usagePlans: async (inAccount) => {
      const command = new GetUsagePlansCommand({ limit: 1 });
      await read('GetUsagePlans', inAccount, command, (answer) => readPage(answer, usagePlanOnWire));
    },
    someStage: async (inAccount, restApiId) => {
      const command = new GetStagesCommand({ restApiId });
      const page = await read('GetStages', inAccount, command, (answer) => readPage(answer, stageOnWire));
      return page.items[0]?.name;
    },
    exportDocument: async (inAccount, restApiId, stageName) => {
      const command = new GetExportCommand({
        restApiId,
        stageName,
        exportType: 'oas30',
        accepts: 'application/json',
      });
      await read('GetExport', inAccount, command, readDocument);
    },
    countApiKeys: async () => {
      let count = 0;
      let position: string | undefined;
      do {
        const command = new GetApiKeysCommand({
          limit: awsPageSize,
          ...(position !== undefined && { position }),
        });
        const result = await exchange(command);
        if ('failure' in result) return notCounted(result.failure, secrets);
        const page = readPage(result.answer, z.object({ id: z.string() }));
        if ('unreadable' in page) return { reason: page.unreadable, denied: false };
        count += page.value.items.length;
        // A server that returns the same page again and again does not work.
        position = page.value.position === position ? undefined : page.value.position;
      } while (position !== undefined);
      return { count };
    },
    optIns: optInsOf(wanted, means, read),
    clockOffset: () => offset,
  };
}

type Read = <T>(
  operation: Operation,
  account: string,
  command: Command,
  reading: (answer: RawAnswer) => Reading<T>,
) => Promise<T>;

/** Those that are turned on; nothing is asked for the others. */
function optInsOf(
  { region, changeQueueUrl, identity }: ConfiguredTarget,
  { configuration, credentials, limits, proxy, secrets, signal }: Means,
  read: Read,
): OptInProbe[] {
  const { acceptApiWithoutUsagePlan, httpApis = acceptApiWithoutUsagePlan, webSocketApis } = configuration;
  const { customDomains, accountLimits } = configuration;
  const optIns: (OptInProbe | false)[] = [
    (httpApis || webSocketApis) && {
      operation: 'GetApis',
      keys: 'httpApis, webSocketApis',
      gives: 'HTTP and WebSocket APIs in APIM, with their documents',
      ask: async (account) => {
        const { GetApisCommand } = await loadV2();
        const command = new GetApisCommand({ MaxResults: '1' });
        await read('GetApis', account, command, (answer) => readV2Page(answer, v2ApiOnWire));
      },
    },
    customDomains && {
      operation: 'GetDomainNames',
      keys: 'customDomains',
      gives: 'the addresses under custom domains, first in the metadata and the documents',
      ask: async (account) => {
        const command = new GetDomainNamesCommand({ limit: awsPageSize });
        const { items } = await read('GetDomainNames', account, command, (answer) =>
          readPage(answer, domainOnWire),
        );
        // The right to read rules is another one; without a domain that has some, nobody needs it.
        const domain = items.find(hasRules);
        if (!domain) return;
        const { ListRoutingRulesCommand } = await loadV2();
        const { name: DomainName, id: DomainNameId } = domain;
        const rules = new ListRoutingRulesCommand({ DomainName, DomainNameId, MaxResults: 1 });
        await read('ListRoutingRules', account, rules, (answer) => readRulesPage(answer, routingRuleOnWire));
      },
    },
    accountLimits && {
      operation: 'GetAccount',
      keys: 'accountLimits',
      gives: "the account's throttle in the plans that promise more",
      ask: (account) => read('GetAccount', account, new GetAccountCommand({}), readAccountThrottle),
    },
    changeQueueUrl !== undefined && {
      operation: 'GetQueueAttributes',
      keys: 'changeQueueUrl',
      gives: 'changes in the catalog within seconds, and rare scans',
      ask: async () => {
        const address = queueAddress(changeQueueUrl, region);
        const queue = createQueue({ address, identity, configuration, credentials, limits, proxy, secrets });
        await queue.look(signal).finally(() => queue.forget());
      },
    },
  ];
  return optIns.filter((one) => one !== false);
}

function notCounted(
  { error, answer }: Extract<Exchange, { failure: unknown }>['failure'],
  secrets: readonly string[],
): { reason: string; denied: boolean } {
  if (!answer?.complete) return { reason: redactedLine(describeError(error), secrets), denied: false };
  const { name = `HTTP ${answer.status}`, message } = readErrorAnswer(answer);
  return {
    reason: redactedLine(`${name}: ${message}`, secrets),
    denied: answer.status === 401 || answer.status === 403,
  };
}
