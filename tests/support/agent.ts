import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '@federation-agent/contracts';
import type { AgentBroker } from './agent-broker.ts';
import { startAgentProcess, tail } from './agent-process.ts';
import type { AgentProcess, Program } from './agent-process.ts';

/**
 * An integration as the user configures it. `more` has further keys of its `configuration`, such as
 * `removeDetachedPlans`.
 */
export interface IntegrationSettings {
  readonly id: string;
  readonly region: string;
  readonly more?: Readonly<Record<string, string>>;
}

export interface AgentOptions<Broker extends AgentBroker = AgentBroker> {
  /** Stopped together with the agent. */
  readonly broker: Broker;
  /** How many processes of each service `startAll` starts; by default one. */
  readonly replicas?: Readonly<Record<ServiceName, number>>;
  /** The endpoint of APIM, and the bearer token. */
  readonly apim: { readonly endpoint: string; readonly token: string };
  readonly aws: { readonly url: string; readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly integrations: readonly IntegrationSettings[];
  /** Durations are divided by this. */
  readonly timeScale: number;
  /** Further variables for every process, such as `gravitee_federation_ingest_batchApis`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What is different for one process. */
export interface StartOptions {
  /** Only these integrations; by default all of the agent's. */
  readonly only?: readonly string[];
  readonly apim?: Partial<AgentOptions['apim']>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The agent under test: a broker, and services as processes that are configured like the official agent. */
export interface Agent<Broker extends AgentBroker = AgentBroker> {
  readonly broker: Broker;
  readonly replicas: Readonly<Record<ServiceName, number>>;
  /** Starts a service, or one more replica of it. */
  start(program: Program, options?: StartOptions): AgentProcess;
  /** Starts the agent's number of replicas of a service. */
  startAll(service: ServiceName, options?: StartOptions): readonly AgentProcess[];
  /** Ends all running processes of a service. @returns their exit codes or signals */
  endAll(service: ServiceName, signal: NodeJS.Signals): Promise<readonly (number | NodeJS.Signals)[]>;
  /** The running processes of a service, oldest first. */
  of(program: Program): readonly AgentProcess[];
  /** The oldest running process of a service. */
  one(program: Program): AgentProcess;
  /** Waits until every running process is ready. */
  ready(): Promise<void>;
  /** Everything that any process has logged, including processes that are gone. */
  logText(): string;
  /** The last lines of every process that ever ran, for a failed test. */
  describe(lines: number): string;
  stop(): Promise<void>;
}

const oneOfEach = { 'gateway-link': 1, 'aws-discovery': 1, 'subscription-manager': 1, console: 0 };

/** The three services that make up the agent. */
export const SERVICES = ['gateway-link', 'aws-discovery', 'subscription-manager'] as const;

/** Uses this broker; starts no service yet. */
export function startAgent<Broker extends AgentBroker>(options: AgentOptions<Broker>): Agent<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'federation-agent-'));
  const { broker, replicas = oneOfEach } = options;
  const sealingKey = randomBytes(32).toString('base64');
  const processes: AgentProcess[] = [];
  const of = (program: Program): AgentProcess[] =>
    processes.filter((one) => one.program === program && one.running());

  const start = (program: Program, { only, apim, env }: StartOptions = {}): AgentProcess => {
    const integrations = options.integrations.filter(({ id }) => only?.includes(id) ?? true);
    const settings = { ...options, integrations, apim: { ...options.apim, ...apim } };
    const common = { ...broker.environment(program), gravitee_federation_sealingKey: sealingKey };
    const started = startAgentProcess({
      program,
      env: { ...environmentOf(settings), ...common, ...env },
      cwd: folder,
    });
    processes.push(started);
    return started;
  };

  return {
    broker,
    replicas,
    start,
    startAll: (service, more) => Array.from({ length: replicas[service] }, () => start(service, more)),
    endAll: (service, signal) => Promise.all(of(service).map((one) => one.end(signal))),
    of,
    one(program) {
      const [first] = of(program);
      if (!first) throw new Error(`no ${program} is running`);
      return first;
    },
    ready: async () => {
      await Promise.all(processes.filter((one) => one.running()).map((one) => one.ready()));
    },
    logText: () => processes.map((one) => tail(one.log(), Infinity)).join('\n'),
    describe: (lines) =>
      processes
        .map((one) => {
          const state = one.running() ? 'running' : 'ended';
          return `---- ${one.program} (${one.pid}, ${state})\n${tail(one.log(), lines)}`;
        })
        .join('\n'),
    async stop() {
      // SIGKILL is enough here: a scenario about the end of a process ends it itself.
      await Promise.all(processes.map((one) => one.end('SIGKILL')));
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The variables of the official agent's compose file, and those that tests need in addition. */
export function environmentOf({
  apim,
  aws,
  integrations,
  timeScale,
  env,
}: Omit<AgentOptions, 'broker'>): Record<string, string> {
  return {
    gravitee_integration_connector_ws_endpoints_0: apim.endpoint,
    gravitee_integration_connector_ws_headers_0_name: 'Authorization',
    gravitee_integration_connector_ws_headers_0_value: `bearer ${apim.token}`,
    ...Object.fromEntries(
      integrations.flatMap((one, index) => Object.entries(providerVariables(one, index, aws))),
    ),
    gravitee_services_core_http_port: '0',
    gravitee_services_core_http_host: '127.0.0.1',
    gravitee_federation_ingest_startDelayMs: '100',
    FEDERATION_TEST_TIME_SCALE: String(timeScale),
    ...env,
  };
}

/** The variables of one integration. A loopback endpoint of API Gateway serves STS too. */
export function providerVariables(
  { id, region, more = {} }: IntegrationSettings,
  index: number,
  aws: AgentOptions['aws'],
): Record<string, string> {
  const at = `gravitee_integration_providers_${index}`;
  const configuration: Record<string, string> = {
    accessKeyId: aws.accessKeyId,
    secretAccessKey: aws.secretAccessKey,
    region,
    endpointUrl: aws.url,
    requestsPerSecond: '8',
    burst: '10',
    ...more,
  };
  return {
    [`${at}_type`]: 'aws-api-gateway',
    [`${at}_integrationId`]: id,
    ...Object.fromEntries(
      Object.entries(configuration).map(([name, value]) => [`${at}_configuration_${name}`, value]),
    ),
  };
}
