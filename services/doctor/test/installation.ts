/** What a doctor examines: a sandbox APIM, a sandbox AWS, a broker, and the environment of an agent that uses them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { limitsAt } from '@federation-agent/contracts';
import {
  SANDBOX_AGENT,
  startApim,
  startAws,
  type SandboxApim,
  type SandboxAws,
} from '@federation-agent/sandbox';
import { connectTestBroker, startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import type { CheckName, CheckResult } from '../src/result.ts';
import { runDoctor } from '../src/run-doctor.ts';

const token = 'a-token-that-nobody-may-see';
export const integrationId = 'int-1';

export type Environment = Record<string, string | undefined>;

export interface Installation {
  readonly apim: SandboxApim;
  readonly aws: SandboxAws;
  readonly broker: TestBroker;
  /** Of the process; empty. */
  readonly folder: string;
  environment(changes?: Environment): Environment;
  examine(changes?: Environment): Promise<readonly CheckResult[]>;
  stop(): Promise<void>;
}

/** One installation for the tests of a file. What a test adds to `ending` is called after it, the last one first. */
export function useInstallation(): { readonly it: () => Installation; readonly ending: (() => unknown)[] } {
  let installation: Installation;
  const ending: (() => unknown)[] = [];
  beforeAll(async () => {
    installation = await startInstallation();
  });
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });
  afterAll(() => installation.stop());
  return { it: () => installation, ending };
}

/** The streams of the broker are made, as by an agent that ran before. */
async function startInstallation(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-test-'));
  const [apim, aws, broker] = await Promise.all([
    startApim({ integrations: { [integrationId]: 'aws-api-gateway', other: 'solace' }, tokens: [token] }),
    startAws({ throttle: { enabled: false } }),
    startTestBroker(),
  ]);
  aws.control.seed({ apis: 1, plans: 1, unplanned: 0 });
  const connection = await connectTestBroker(broker, 'aws-discovery', limitsAt(1));
  await connection.close();
  const configuration = 'gravitee_integration_providers_0_configuration';
  const environment = (changes: Environment = {}): Environment => ({
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    gravitee_integration_connector_ws_endpoints_0: apim.endpoint,
    gravitee_integration_connector_ws_headers_0_name: 'Authorization',
    gravitee_integration_connector_ws_headers_0_value: `bearer ${token}`,
    gravitee_integration_providers_0_type: 'aws-api-gateway',
    gravitee_integration_providers_0_integrationId: integrationId,
    [`${configuration}_region`]: 'eu-west-1',
    [`${configuration}_accessKeyId`]: SANDBOX_AGENT.accessKeyId,
    [`${configuration}_secretAccessKey`]: SANDBOX_AGENT.secretAccessKey,
    [`${configuration}_endpointUrl`]: aws.url,
    gravitee_services_core_http_port: '0',
    gravitee_federation_sealingKey: randomBytes(32).toString('base64'),
    NATS_URL: broker.url,
    ...changes,
  });
  return {
    apim,
    aws,
    broker,
    folder,
    environment,
    examine: (changes) => runDoctor({ argv: [], env: environment(changes), cwd: folder }),
    stop: async () => {
      await Promise.all([apim.stop(), aws.stop(), broker.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}

export function resultsOf(results: readonly CheckResult[], check: CheckName): readonly CheckResult[] {
  return results.filter((result) => result.check === check);
}

export function failedOf(results: readonly CheckResult[]): readonly string[] {
  return results.filter(({ status }) => status === 'failed').map(({ check }) => check);
}

/** Listens on a random port of loopback. */
export async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
