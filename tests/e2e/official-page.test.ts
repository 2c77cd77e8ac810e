/** The examples of the official page, unchanged, start this agent. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { findNatsServer } from '@federation-agent/broker/test';
import { loadConfig } from '@federation-agent/configuration';
import { startKubernetesApi } from '@federation-agent/configuration/test';
import { APIM_CONTROLLER_START_MS, startApimController } from '../support/apim-controller.ts';
import type { ControlClient } from '../support/control-client.ts';
import { eventually } from '../support/eventually.ts';
import { mainOf, startAgentProcess, startApimPeer, type AgentProcess } from '../support/index.ts';
import { probeApimController, requireOrSkip } from '../support/tool-probe.ts';
import { composeEnvironment, graviteeYml, type Filled } from './official-page/blocks.ts';

const fixtures = fileURLToPath(new URL('../../libs/net/test/fixtures/', import.meta.url));
const integrationId = 'e5b9d1f4-6f0e-4c3b-8a57-0f5d5c2f9a12';
const timeScale = 10;
const truststoreInPage = '/opt/graviteeio-federation-agent/truststore/my_truststore.p12';

const filled: Filled = {
  endpoint: 'https://apim.example.com/integration-controller',
  token: 'a-service-account-token',
  integrationId,
  region: 'eu-west-1',
  accessKeyId: 'AKIA0123456789',
  secretAccessKey: 'an-aws-secret-of-a-user',
};

/** The machine's own environment configures no process. */
const bare = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
};

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'official-page-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** On the page the volume is at a path of the image; here it is in a folder of the test. */
function mountTruststore(folder: string): string {
  const path = join(folder, 'my_truststore.p12');
  copyFileSync(join(fixtures, 'truststore-java17.p12'), path);
  return path;
}

describe('is read', () => {
  const expected = {
    integration: {
      connector: {
        ws: {
          endpoints: [filled.endpoint],
          headers: [{ name: 'Authorization', value: `bearer ${filled.token}` }],
        },
      },
      providers: [
        {
          type: 'aws-api-gateway',
          integrationId,
          configuration: {
            region: ['eu-west-1'],
            accessKeyId: filled.accessKeyId,
            secretAccessKey: filled.secretAccessKey,
            acceptApiWithoutUsagePlan: false,
          },
        },
      ],
    },
    // In the container alone, and nobody may act: whoever comes from the official agent need not know of it.
    federation: { console: { enabled: true, host: 'localhost', port: 18_087, operators: [] } },
  };
  const http = {
    enabled: true,
    port: 18_084,
    host: '0.0.0.0',
    authentication: { type: 'basic', users: { admin: 'adminadmin' } },
  };

  test('the compose file with its .env', async () => {
    const { config, warnings } = await loadConfig({
      argv: [],
      env: composeEnvironment(filled),
      cwd: newFolder(),
    });
    expect(config).toMatchObject(expected);
    expect(warnings).toEqual([]);
  });

  test('the standard values, named as the official chart names its file', async () => {
    const cwd = newFolder();
    const path = join(cwd, 'gravitee.yml');
    writeFileSync(path, graviteeYml('standard-values.yml', filled));
    const env = { JDK_JAVA_OPTIONS: `-Xmx256m -Dgravitee.conf=${path}` };
    const { config, warnings } = await loadConfig({ argv: [], env, cwd });
    expect(config).toMatchObject({ ...expected, services: { core: { http }, metrics: { enabled: false } } });
    expect(warnings).toEqual([]);
  });

  test('the standard values with a Cloud Token: the endpoint of the file wins', async () => {
    const claims = Buffer.from(JSON.stringify({ org: 'o', envs: ['e'], cpg: 'eu' })).toString('base64url');
    const cwd = newFolder();
    writeFileSync(
      join(cwd, 'g.yml'),
      graviteeYml('standard-values.yml', { ...filled, cloudToken: `e30.${claims}.c2ln` }),
    );
    const { config, warnings } = await loadConfig({ argv: ['--config', 'g.yml'], env: {}, cwd });
    expect(config).toMatchObject(expected);
    expect(warnings).toEqual([]);
  });

  test('the values with a truststore, its password in a secret of the cluster', async () => {
    const api = await startKubernetesApi('elsewhere');
    try {
      api.set('gravitee-apim', 'aws-truststore', { password: 'changeit' });
      const cwd = newFolder();
      const truststore = mountTruststore(cwd);
      const yml = graviteeYml('custom-certificate-values.yml', filled);
      writeFileSync(join(cwd, 'g.yml'), yml.replace(truststoreInPage, truststore));
      const { config, warnings } = await loadConfig({
        argv: [],
        env: { ...api.env, GRAVITEE_CONF: 'g.yml' },
        cwd,
      });
      expect(config).toMatchObject(expected);
      expect(config.integration.connector.ws.ssl.truststore).toEqual({
        type: 'PKCS12',
        path: truststore,
        password: 'changeit',
      });
      expect(warnings).toEqual([]);
    } finally {
      await api.stop();
    }
  });
});

/** Controllers for the blocks to connect to: one without and one with TLS. */
interface Controller {
  readonly plain: string;
  readonly tls: string;
  /** Of the one behind `plain`, and of the one behind `tls`. */
  readonly control: { readonly plain: ControlClient; readonly tls: ControlClient };
  stop(): Promise<void>;
}

function connects(start: () => Promise<Controller>): void {
  let controller: Controller;
  const agents: AgentProcess[] = [];
  beforeAll(async () => {
    controller = await start();
  }, APIM_CONTROLLER_START_MS);
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.end('SIGKILL');
  });
  afterAll(async () => {
    await controller.stop();
  });

  /**
   * Nothing is added but what a test needs: a free port, a broker's program, an AWS that is not AWS, short durations.
   */
  const startAgent = (env: Record<string, string>, cwd = newFolder()): AgentProcess => {
    const agent = startAgentProcess({
      program: 'standalone',
      cwd,
      env: {
        gravitee_services_core_http_port: '0',
        gravitee_services_core_http_host: '127.0.0.1',
        gravitee_integration_providers_0_configuration_endpointUrl: 'http://127.0.0.1:9',
        NATS_SERVER_BIN: findNatsServer(),
        FEDERATION_TEST_TIME_SCALE: String(timeScale),
        ...env,
      },
    });
    agents.push(agent);
    return agent;
  };
  const expectConnected = async (control: ControlClient, agent: AgentProcess): Promise<void> => {
    await agent.untilHealth(/1 of 1 integrations connected/u);
    await eventually('an active channel at the controller', async () => {
      const channels = await control.channels(integrationId);
      return channels.find(({ active }) => active);
    });
    expect(JSON.stringify(agent.log())).not.toContain(filled.secretAccessKey);
    expect(await agent.end('SIGTERM')).toBe(0);
  };

  test('the compose file with its .env', async () => {
    const agent = startAgent(composeEnvironment({ ...filled, endpoint: controller.plain }));
    await expectConnected(controller.control.plain, agent);
  }, 90_000);

  test('the standard values', async () => {
    const cwd = newFolder();
    writeFileSync(
      join(cwd, 'gravitee.yml'),
      graviteeYml('standard-values.yml', { ...filled, endpoint: controller.plain }),
    );
    const agent = startAgent({ JDK_JAVA_OPTIONS: `-Dgravitee.conf=${join(cwd, 'gravitee.yml')}` }, cwd);
    await expectConnected(controller.control.plain, agent);
  }, 90_000);

  test('the values with a truststore, its password in a secret of the cluster', async () => {
    const api = await startKubernetesApi('elsewhere');
    try {
      api.set('gravitee-apim', 'aws-truststore', { password: 'changeit' });
      const cwd = newFolder();
      const truststore = mountTruststore(cwd);
      const yml = graviteeYml('custom-certificate-values.yml', { ...filled, endpoint: controller.tls });
      writeFileSync(join(cwd, 'g.yml'), yml.replace(truststoreInPage, truststore));
      const agent = startAgent({ ...api.env, GRAVITEE_CONF: 'g.yml' }, cwd);
      await expectConnected(controller.control.tls, agent);
    } finally {
      await api.stop();
    }
  }, 90_000);
}

describe('connects to the sandbox', () => {
  connects(async () => {
    const apim = await startApimPeer('sandbox', { integrations: [integrationId], timeScale });
    const pem = readFileSync(join(fixtures, 'server.pem'));
    const front = createServer({ key: pem, cert: pem }, (socket) => {
      const behind = connect(Number(new URL(apim.endpoint).port), '127.0.0.1');
      const end = (): void => {
        socket.destroy();
        behind.destroy();
      };
      socket.on('error', end).on('close', end).pipe(behind);
      behind.on('error', end).on('close', end).pipe(socket);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    return {
      plain: apim.endpoint,
      tls: `https://127.0.0.1:${(front.address() as AddressInfo).port}`,
      control: { plain: apim, tls: apim },
      stop: async () => {
        front.close();
        await apim.stop();
      },
    };
  });

  test('--print-config says where each value comes from, and no secret', () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'g.yml'), graviteeYml('standard-values.yml', filled));
    const run = spawnSync(process.execPath, [mainOf('standalone'), '--print-config', '--config', 'g.yml'], {
      cwd,
      encoding: 'utf8',
      env: { ...bare, gravitee_services_core_http_port: '1234' },
    });
    expect(run.status).toBe(0);
    const lines = run.stdout.split('\n');
    expect(lines).toContain(`integration.connector.ws.endpoints[0]: "${filled.endpoint}" # file:g.yml`);
    expect(lines).toContain('services.core.http.port: "1234" # env:gravitee_services_core_http_port');
    expect(lines).toContain('federation.log.level: "info" # default');
    expect(lines).toContain('integration.connector.ws.headers[0].value: "********" # file:g.yml');
    expect(run.stdout).not.toMatch(/a-service-account-token|an-aws-secret|adminadmin/u);
  }, 60_000);

  test('a wrong configuration: exit code 2, a line per mistake, no stack trace', () => {
    const env = { ...bare, ...composeEnvironment({ ...filled, endpoint: 'not-a-url', region: '' }) };
    const run = spawnSync(process.execPath, [mainOf('standalone')], {
      cwd: newFolder(),
      encoding: 'utf8',
      env,
    });
    expect(run.status).toBe(2);
    expect(run.stderr.trimEnd().split('\n')).toEqual([
      'federation-agent: the configuration cannot be used:',
      expect.stringMatching(/^ {2}gravitee_integration_connector_ws_endpoints_0: must be a URL/u),
      expect.stringMatching(/^ {2}integration\.providers\[0\]\.configuration\.region .*: required/u),
    ]);
  }, 60_000);
});

requireOrSkip('the real APIM controller', probeApimController())('connects to the real controller', () => {
  connects(async () => {
    const password = 'changeit';
    const keystore = join(newFolder(), 'server.p12');
    const made = spawnSync('openssl', [
      'pkcs12',
      '-export',
      '-in',
      join(fixtures, 'server.pem'),
      '-passout',
      `pass:${password}`,
      '-out',
      keystore,
    ]);
    if (made.status !== 0) throw new Error(`openssl made no keystore: ${String(made.stderr)}`);
    const options = {
      integrations: { [integrationId]: 'aws-api-gateway' },
      token: filled.token,
      healthIntervalMs: 500,
    };
    const [plain, tls] = await Promise.all([
      startApimController(options),
      startApimController({ ...options, tls: { keystore, password } }),
    ]);
    return {
      plain: plain.endpoint,
      tls: tls.endpoint,
      control: { plain, tls },
      stop: async () => {
        await Promise.all([plain.stop(), tls.stop()]);
      },
    };
  });
});
