/** Many AWS accounts, and the agent as one process or as several, at the real controller. */
import { setTimeout as pause } from 'node:timers/promises';
import { SANDBOX_AGENT, type RemoteAwsControl } from '@federation-agent/sandbox';
import { singleBroker, type SingleBroker } from '../../support/agent-broker.ts';
import { startAgent, type Agent, type AgentOptions, type IntegrationSettings } from '../../support/agent.ts';
import type { ApimController } from '../../support/apim-controller.ts';
import { ingestAll, spawnConnector, spawnStandalone, startPeers, type Contestant } from './contestants.ts';

export const region = 'eu-west-1';
const token = 'secret-of-the-accounts';
const lookMs = 10;
const giveUpMs = 60_000;

export interface AccountsOptions {
  /** All that will ever connect. */
  readonly integrations: readonly string[];
  /** How many REST APIs of one stage each account has. */
  readonly accounts: readonly number[];
  /** AWS takes what it takes in reality; else it answers everything at once. */
  readonly throttled: boolean;
}

/** A part of what is compared, running. */
export type Running = Pick<Contestant, 'pids' | 'stop'>;

export interface ManyAccounts {
  readonly apim: ApimController;
  readonly aws: RemoteAwsControl;
  readonly accounts: readonly string[];
  /** An integration over these accounts; `more` has further keys of its `configuration`. */
  over(id: string, accounts: readonly string[], more?: IntegrationSettings['more']): IntegrationSettings;
  /** The Java connector with so many canned APIs. */
  java(integration: string, apis: number): Promise<Running>;
  /** The agent in one process with an embedded broker. */
  oneProcess(integrations: readonly IntegrationSettings[]): Promise<Running>;
  /** A nats-server, and services to be started as processes of their own. */
  services(integrations: readonly IntegrationSettings[]): Promise<Agent<SingleBroker>>;
  /** Waits until APIM has an active channel of each. */
  connected(integrations: readonly string[]): Promise<void>;
  /** Waits until APIM has no channel of any. */
  gone(integrations: readonly string[]): Promise<void>;
  /** APIM takes everything that the integration offers. */
  ingest(integration: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openAccounts({
  integrations,
  accounts,
  throttled,
}: AccountsOptions): Promise<ManyAccounts> {
  const { apim, aws, awsUrl, stop } = await startPeers({ integrations, token, throttled });
  const seeded = await Promise.all(accounts.map((apis, index) => seed(aws, index, apis)));
  const roles = new Map(seeded.map(({ account, role }) => [account, role]));
  const optionsFor = (settings: readonly IntegrationSettings[]): Omit<AgentOptions, 'broker'> => ({
    apim: { endpoint: apim.endpoint, token },
    aws: { url: awsUrl, ...SANDBOX_AGENT },
    integrations: settings,
    timeScale: 1,
  });

  const isActive = async (id: string): Promise<boolean> =>
    (await apim.channels(id)).some(({ active }) => active);
  const until = async (active: boolean, ids: readonly string[]): Promise<void> => {
    const began = performance.now();
    for (const id of ids) {
      while ((await isActive(id)) !== active) {
        if (performance.now() - began > giveUpMs)
          throw new Error(`${id}: the channel did not change in time`);
        await pause(lookMs);
      }
    }
  };
  /** Its end is over when APIM has noticed. */
  const running = async (
    ids: readonly string[],
    pids: readonly number[],
    end: () => Promise<unknown>,
  ): Promise<Running> => {
    await until(true, ids);
    return {
      pids,
      stop: async () => {
        await end();
        await until(false, ids);
      },
    };
  };

  return {
    apim,
    aws,
    accounts: [...roles.keys()],
    over: (id, some, more) => ({
      id,
      region,
      more: { roleArn: some.map((account) => roles.get(account) ?? '').join(','), ...more },
    }),
    java: (integration, apis) => {
      const { pid, end } = spawnConnector({ endpoint: apim.endpoint, token, integration, apis });
      return running([integration], [pid], end);
    },
    oneProcess: (settings) => {
      const { pid, end } = spawnStandalone(optionsFor(settings));
      return running(
        settings.map(({ id }) => id),
        [pid],
        end,
      );
    },
    services: async (settings) => startAgent({ ...optionsFor(settings), broker: await singleBroker() }),
    connected: (ids) => until(true, ids),
    gone: (ids) => until(false, ids),
    ingest: (integration) => ingestAll(apim, integration),
    stop,
  };
}

/** An account with its APIs in one usage plan, and a role that the agent may assume. */
async function seed(aws: RemoteAwsControl, index: number, apis: number) {
  const account = String(200_000_000_000 + index);
  const { arn } = await aws.addRole({ account, name: 'federation-agent' });
  await aws.seed({ account, region, apis, plans: 1, unplanned: 0, seed: index + 1, prefix: `a${index}` });
  return { account, role: arn };
}
