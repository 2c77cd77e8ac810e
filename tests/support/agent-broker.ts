/** The broker of the agent under test: one server, or a cluster of three. */
import { defaultNamespace, type ServiceName } from '@federation-agent/contracts';
import {
  clusterAuthority,
  startTestBroker,
  startTestCluster,
  type TestBroker,
  userEntries,
  userOf,
} from '@federation-agent/broker/test';

export interface AgentBroker {
  /** The variables that connect a process to it. When the broker has users, each service is a separate user. */
  environment(program: ServiceName | 'standalone'): Readonly<Record<string, string>>;
  /** Called when all streams exist and the scenarios begin. */
  prepared(): Promise<void>;
  /** Kills the leader and starts it again at once. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export type SingleBroker = AgentBroker & TestBroker;

/** One nats-server on which everybody may do everything. */
export async function singleBroker(): Promise<SingleBroker> {
  const broker = await startTestBroker();
  return {
    ...broker,
    environment: () => ({ NATS_URL: broker.url }),
    prepared: () => Promise.resolve(),
  };
}

export interface ClusterOptions {
  /** Once all streams exist, one node is killed and stays down. */
  readonly oneNodeDown: boolean;
}

/** A cluster of three with TLS, and a user for each service. */
export interface ClusterBroker extends AgentBroker {
  /** Sends SIGKILL to the leader of the commands stream. @returns a function that starts it again */
  killLeader(): Promise<() => Promise<void>>;
}

const commands = `${defaultNamespace}_COMMANDS`;

export async function clusterBroker({ oneNodeDown }: ClusterOptions): Promise<ClusterBroker> {
  const cluster = await startTestCluster({ users: userEntries([defaultNamespace]) });
  const killLeader = async (): Promise<() => Promise<void>> => {
    const leader = await cluster.leaderOf(commands);
    await cluster.kill(leader);
    return () => cluster.start(leader);
  };
  return {
    environment: (program) => ({
      NATS_URL: cluster.url,
      gravitee_federation_broker_tls_ca: clusterAuthority,
      gravitee_federation_broker_replicas: '3',
      ...(program !== 'standalone' && {
        gravitee_federation_broker_user: userOf(defaultNamespace, program).user,
        gravitee_federation_broker_password: userOf(defaultNamespace, program).password,
      }),
    }),
    killLeader,
    prepared: async () => {
      if (!oneNodeDown) return;
      await killLeader();
      await cluster.settled();
    },
    restart: async () => {
      const start = await killLeader();
      await start();
    },
    stop: () => cluster.stop(),
  };
}
