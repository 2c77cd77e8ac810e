/** What the demo starts: a sandbox AWS with a small landscape, a sandbox APIM, a broker, the services, the console. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SandboxApim, startApim } from '../apim/index.ts';
import { type Landscape, SANDBOX_AGENT, type SandboxAws, startAws } from '../aws/index.ts';
import { demoLandscape, integrationId, token } from './landscape.ts';
import { freePort, type RunningProcess, startProcess } from './processes.ts';

const services = ['gateway-link', 'aws-discovery', 'subscription-manager', 'console'] as const;
const checkout = fileURLToPath(new URL('../../../', import.meta.url));

export interface Stack {
  readonly aws: SandboxAws;
  readonly apim: SandboxApim;
  readonly landscape: Landscape;
  readonly processes: readonly RunningProcess[];
  /** Where each service serves health and metrics. */
  readonly healthUrls: ReadonlyMap<string, string>;
  readonly consoleUrl: string;
  readonly brokerUrl: string;
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startStack(natsServer: string): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'federation-demo-'));
  const aws = await startAws();
  const landscape = aws.control.seed(demoLandscape);
  const apim = await startApim({ integrations: { [integrationId]: 'aws-api-gateway' }, tokens: [token] });
  const brokerPort = await freePort();
  const brokerUrl = `nats://127.0.0.1:${brokerPort}`;
  const processes: RunningProcess[] = [
    startProcess({
      name: 'nats-server',
      command: natsServer,
      args: ['-a', '127.0.0.1', '-p', String(brokerPort), '-js', '-sd', join(folder, 'jetstream')],
      env: { PATH: process.env['PATH'] },
      logFolder: folder,
    }),
  ];
  const sealingKey = randomBytes(32).toString('base64');
  const healthUrls = new Map<string, string>();
  const consolePort = await freePort();
  for (const service of services) {
    const port = await freePort();
    healthUrls.set(service, `http://127.0.0.1:${port}`);
    processes.push(
      startProcess({
        name: service,
        command: process.execPath,
        args: [join(checkout, 'services', service, 'src', 'main.ts')],
        env: serviceEnvironment({
          endpoint: apim.endpoint,
          awsUrl: aws.url,
          brokerUrl,
          sealingKey,
          port,
          consolePort,
        }),
        logFolder: folder,
      }),
    );
  }
  return {
    aws,
    apim,
    landscape,
    processes,
    healthUrls,
    consoleUrl: `http://127.0.0.1:${consolePort}`,
    brokerUrl,
    folder,
    async stop() {
      const [broker, ...others] = processes;
      await Promise.all(others.map((one) => one.stop()));
      await broker?.stop();
      await Promise.all([apim.stop(), aws.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ServiceSettings {
  readonly endpoint: string;
  readonly awsUrl: string;
  readonly brokerUrl: string;
  readonly sealingKey: string;
  readonly port: number;
  readonly consolePort: number;
}

/** The variables of the official agent's compose file, and nothing from this machine's AWS configuration. */
function serviceEnvironment({
  endpoint,
  awsUrl,
  brokerUrl,
  sealingKey,
  port,
  consolePort,
}: ServiceSettings): NodeJS.ProcessEnv {
  const provider = 'gravitee_integration_providers_0';
  const { PATH, NODE_COMPILE_CACHE, OTEL_EXPORTER_OTLP_ENDPOINT: otlp } = process.env;
  return {
    PATH,
    NODE_COMPILE_CACHE,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_CONFIG_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    gravitee_integration_connector_ws_endpoints_0: endpoint,
    gravitee_integration_connector_ws_headers_0_name: 'Authorization',
    gravitee_integration_connector_ws_headers_0_value: `bearer ${token}`,
    [`${provider}_type`]: 'aws-api-gateway',
    [`${provider}_integrationId`]: integrationId,
    [`${provider}_configuration_accessKeyId`]: SANDBOX_AGENT.accessKeyId,
    [`${provider}_configuration_secretAccessKey`]: SANDBOX_AGENT.secretAccessKey,
    [`${provider}_configuration_region`]: 'eu-west-1',
    [`${provider}_configuration_endpointUrl`]: awsUrl,
    NATS_URL: brokerUrl,
    gravitee_federation_sealingKey: sealingKey,
    gravitee_services_core_http_port: String(port),
    gravitee_services_core_http_host: '127.0.0.1',
    // It is all on loopback and ends with the demo: whoever opens the console may act.
    gravitee_services_core_http_authentication_type: 'none',
    gravitee_federation_console_host: '127.0.0.1',
    gravitee_federation_console_port: String(consolePort),
    gravitee_federation_console_operators: '*',
    gravitee_services_metrics_enabled: 'true',
    gravitee_services_metrics_prometheus_enabled: 'true',
    ...(otlp && { OTEL_EXPORTER_OTLP_ENDPOINT: otlp }),
  };
}
