/** The HTTP server of a process, with a configuration given as environment names. */
import { testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import { loadConfig, type LoadedConfig } from '@federation-agent/configuration';
import { createHealth, type Health } from '../src/http/health.ts';
import { createNodeRoutes, type NodeRoutes } from '../src/http/node-routes.ts';
import { startHttpServer, type HttpServer } from '../src/http/server.ts';

/** The smallest configuration that serves, with secrets in it. */
const base = {
  gravitee_integration_connector_ws_endpoints_0: 'http://127.0.0.1:1',
  gravitee_integration_connector_ws_headers_0_name: 'Authorization',
  gravitee_integration_connector_ws_headers_0_value: 'bearer t0k3n',
  gravitee_integration_providers_0_type: 'aws-api-gateway',
  gravitee_integration_providers_0_integrationId: 'one',
  gravitee_integration_providers_0_configuration_region: 'eu-west-1',
  gravitee_integration_providers_0_configuration_accessKeyId: 'AKIA1',
  gravitee_integration_providers_0_configuration_secretAccessKey: 's3cret-key',
  gravitee_services_core_http_port: '0',
  gravitee_services_core_http_host: '127.0.0.1',
  gravitee_federation_sealingKey: Buffer.alloc(32).toString('base64'),
  NATS_URL: 'nats://me:n4ts-pass@127.0.0.1:4222',
};
export const withAdmin = { GRAVITEE_SERVICES_CORE_HTTP_AUTHENTICATION_USERS_ADMIN: 'adminadmin' };
export const open = { gravitee_services_core_http_authentication_type: 'none' };
export const metricsOn = {
  gravitee_services_metrics_enabled: 'true',
  gravitee_services_metrics_prometheus_enabled: 'true',
};

export interface ServedBench {
  readonly url: string;
  readonly health: Health;
  readonly nodeRoutes: NodeRoutes;
  readonly telemetry: TestTelemetry;
  readonly pass: (ms: number) => void;
  readonly get: (
    path: string,
    options?: { user?: string; method?: string; body?: string },
  ) => Promise<Response>;
}
const servers: HttpServer[] = [];
/** For `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const server of servers.splice(0)) await server.stop();
}

export const configOf = (env: Record<string, string>): Promise<LoadedConfig> =>
  loadConfig({ argv: [], env: { ...base, ...env }, cwd: '/' });

export class SwitchedOff extends Error {}

export const serve = async (env: Record<string, string> = {}): Promise<ServedBench> => {
  const telemetry = testTelemetry('gateway-link');
  const health = createHealth();
  const nodeRoutes = createNodeRoutes();
  let now = 1_000_000;
  const { config, values } = await configOf(env);
  const server = await startHttpServer({
    config,
    values,
    identity: {
      name: 'gateway-link',
      instance: 'gateway-link-1',
      version: '1.2.3',
      services: ['gateway-link'],
    },
    health,
    nodeRoutes,
    telemetry,
    clock: { now: () => now, sleep: () => Promise.resolve() },
  });
  if (!server) throw new SwitchedOff();
  servers.push(server);
  return {
    url: server.url,
    health,
    nodeRoutes,
    telemetry,
    pass: (ms) => (now += ms),
    get: (path, { user, method = 'GET', body } = {}) =>
      fetch(`${server.url}${path}`, {
        method,
        ...(body !== undefined && { body }),
        ...(user !== undefined && {
          headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
        }),
      }),
  };
};

export const admin = { user: 'admin:adminadmin' };
