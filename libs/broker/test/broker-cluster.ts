/**
 * A cluster of nats-servers on loopback: TLS for clients and routes, JetStream on disk, users as the caller defines
 * them.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { BrokerConfig } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { tlsFixture } from '@federation-agent/net/test';
import { testConfig } from './broker.ts';
import { endNats, freePorts, launchNats, reachable } from './nats-process.ts';
import { findNatsServer } from './nats-server.ts';

export interface TestCluster {
  /** URLs of all nodes, in the form of `NATS_URL`. */
  readonly url: string;
  readonly nodes: readonly string[];
  /** A user that may do everything. */
  readonly admin: JetStreamManager;
  /** The leader of a stream; waits until there is one. */
  leaderOf(stream: string): Promise<string>;
  /** Resolves when every stream has a running leader. */
  settled(): Promise<void>;
  /** SIGKILL; the store stays. */
  kill(node: string): Promise<void>;
  /** Starts a killed node again on its port and store; resolves when it accepts connections. */
  start(node: string): Promise<void>;
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  /** Members of `users` in the configuration of nats-server. */
  readonly users: string;
}

const nodes = ['node-1', 'node-2', 'node-3'] as const;
const admin = { user: 'test-admin', pass: 'test-admin' };
/** Certificate of the authority that signed the certificates of all nodes. */
export const clusterAuthority = tlsFixture('private-ca.pem');

export async function startTestCluster({ users }: TestClusterOptions): Promise<TestCluster> {
  const binary = findNatsServer();
  const root = mkdtempSync(join(tmpdir(), 'federation-cluster-'));
  const ports = await freePorts(nodes.length * 2);
  const routes = ports.slice(nodes.length).map((port) => `"tls://127.0.0.1:${port}"`);
  const children = new Map<string, ChildProcess>();
  const portOf = (node: string): number => ports[nodes.findIndex((one) => one === node)] ?? 0;

  const start = async (node: string): Promise<void> => {
    const index = nodes.findIndex((one) => one === node);
    const folder = join(root, node);
    mkdirSync(folder, { recursive: true });
    const config = [
      `server_name: ${node}`,
      `listen: "127.0.0.1:${portOf(node)}"`,
      `jetstream { store_dir: "${join(folder, 'store')}", sync_interval: always }`,
      `tls { ${certificate} }`,
      `cluster {`,
      `  name: test, listen: "127.0.0.1:${ports[nodes.length + index]}"`,
      `  routes: [${routes.join(', ')}]`,
      `  tls { ${certificate}, ca_file: "${clusterAuthority}" }`,
      `}`,
      `authorization { users: [`,
      `{ user: ${admin.user}, password: ${admin.pass} }`,
      users,
      `] }`,
    ];
    children.set(node, launchNats(binary, folder, config.join('\n')));
    await reachable(portOf(node));
  };
  const kill = async (node: string): Promise<void> => {
    const child = children.get(node);
    if (child) await endNats(child, 'SIGKILL');
  };
  const running = (): string[] => nodes.filter((node) => children.get(node)?.signalCode === null);
  await Promise.all(nodes.map(start));
  const url = nodes.map((node) => `tls://127.0.0.1:${portOf(node)}`).join(',');
  const nc = await connectAdmin(url);
  const jsm = await jetstreamManager(nc, { timeout: 5_000, checkAPI: false });
  await eventually(() => ledBySomebody(jsm));
  return {
    url,
    nodes,
    admin: jsm,
    kill,
    start,
    settled: () => eventually(() => ledAll(jsm, running()).catch(() => false), 60_000),
    leaderOf: async (stream) => {
      let leader = '';
      await eventually(async () => {
        const info = await jsm.streams.info(stream).catch(() => undefined);
        leader = info?.cluster?.leader ?? '';
        return leader !== '';
      });
      return leader;
    },
    stop: async () => {
      await nc.close();
      await Promise.all(nodes.map(kill));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Connection of a service as its user, whose password is its name. */
export function clusterConfig(
  cluster: TestCluster,
  user: string,
  more: Partial<BrokerConfig> = {},
): BrokerConfig {
  return testConfig(cluster.url, {
    user,
    password: user,
    replicas: 3,
    tls: { ca: clusterAuthority },
    ...more,
  });
}

const certificate = ['cert_file', 'key_file']
  .map((name) => `${name}: "${tlsFixture('server.pem')}"`)
  .join(', ');

function connectAdmin(url: string): Promise<NatsConnection> {
  return connect({
    servers: url.split(','),
    ...admin,
    tls: { caFile: clusterAuthority },
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    noAsyncTraces: true,
  });
}

/** Whether every stream has a running leader. During an election nobody answers a list. */
async function ledAll(jsm: JetStreamManager, running: readonly string[]): Promise<boolean> {
  const led: boolean[] = [];
  for await (const { cluster } of jsm.streams.list()) led.push(running.includes(cluster?.leader ?? ''));
  return led.length > 0 && !led.includes(false);
}

function ledBySomebody(jsm: JetStreamManager): Promise<boolean> {
  return jsm.getAccountInfo().then(
    () => true,
    () => false,
  );
}
