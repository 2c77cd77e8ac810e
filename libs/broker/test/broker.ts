import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultNamespace,
  type BrokerConfig,
  type Limits,
  type ServiceName,
} from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import { testTelemetry } from '@federation-agent/base/test';
import { connectBroker } from '../src/connection/connect.ts';
import { ensureTopology } from '../src/topology/ensure-topology.ts';
import type { Broker } from '../src/broker.ts';
import { endNats, launchNats, reachable } from './nats-process.ts';
import { findNatsServer } from './nats-server.ts';

export interface TestBroker {
  readonly url: string;
  readonly port: number;
  /** Of the server that runs now. */
  pid(): number;
  /** The store goes too. */
  stop(): Promise<void>;
  /** SIGKILL; the store stays. */
  kill(): Promise<void>;
  /** The same port and store. */
  restart(): Promise<void>;
}

export interface TestBrokerOptions {
  /** Path of another nats-server. */
  readonly binary?: string;
  /** Lines added to its configuration file: who may connect, TLS. */
  readonly config?: string;
}

/** A nats-server on a random port of loopback, with JetStream on file in a temporary folder, synced at every write. */
export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const binary = options.binary ?? findNatsServer();
  const folder = mkdtempSync(join(tmpdir(), 'federation-broker-'));
  const more = options.config ?? '';
  let child = launch(binary, folder, -1, more);
  const port = await portOf(child, folder);
  await reachable(port);
  const end = (signal: NodeJS.Signals): Promise<void> => endNats(child, signal);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid: () => child.pid ?? 0,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      child = launch(binary, folder, port, more);
      await reachable(port);
    },
    stop: async () => {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function launch(binary: string, folder: string, port: number, more: string): ChildProcess {
  const store = join(folder, 'store');
  return launchNats(
    binary,
    folder,
    `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${store}", sync_interval: always }\n${more}\n`,
  );
}

async function portOf(child: ChildProcess, folder: string): Promise<number> {
  const file = join(folder, `nats-server_${child.pid ?? 0}.ports`);
  for (;;) {
    const port = readPort(file);
    if (port !== undefined) return port;
    if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function readPort(file: string): number | undefined {
  try {
    const { nats } = JSON.parse(readFileSync(file, 'utf8')) as { nats: string[] };
    return Number(new URL(nats[0] ?? '').port);
  } catch {
    return undefined; // Not written yet, or half.
  }
}

/** Of a broker at this URL. */
export function testConfig(url: string, more: Partial<BrokerConfig> = {}): BrokerConfig {
  return { url, namespace: defaultNamespace, replicas: 1, ...more };
}

/** A connection with the topology of the service made. */
export async function connectTestBroker(
  testBroker: Pick<TestBroker, 'url'>,
  service: ServiceName,
  limits: Limits,
  telemetry: Telemetry = testTelemetry(service),
): Promise<Broker> {
  const broker = await connectBroker({
    config: testConfig(testBroker.url),
    service,
    name: `${service}-test`,
    limits,
    telemetry,
  });
  await ensureTopology(broker, service, { replicas: 1 });
  return broker;
}
