import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { SERVICES, environmentOf, startAgentProcess, startApimPeer, startAwsPeer } from '../support/index.ts';
import type { AgentProcess, ApimPeer, AwsPeer, Program } from '../support/index.ts';
import { untilActive } from '../interop/scenarios/steps.ts';

const integration = 'integration-1';
const timeScale = 10;
const programs: readonly Program[] = [...SERVICES, 'standalone'];

describe('the life of a service', () => {
  let apim: ApimPeer;
  let aws: AwsPeer;
  let broker: TestBroker;
  let folder: string;
  const started: AgentProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'life-cycle-'));
    aws = await startAwsPeer('sandbox');
    apim = await startApimPeer('sandbox', { integrations: [integration], timeScale });
    broker = await startTestBroker();
  });

  afterEach(async () => {
    for (const one of started.splice(0)) await one.end('SIGKILL');
  });

  afterAll(async () => {
    await broker.stop();
    await apim.stop();
    await aws.stop();
    rmSync(folder, { recursive: true });
  });

  const start = (program: Program, env: Readonly<Record<string, string>> = {}): AgentProcess => {
    const settings = {
      apim,
      aws: { url: aws.url, ...aws.credentials },
      integrations: [{ id: integration, region: aws.region }],
      timeScale,
    };
    const more = { NATS_URL: broker.url, gravitee_federation_sealingKey: randomBytes(32).toString('base64') };
    const one = startAgentProcess({
      program,
      cwd: folder,
      env: { ...environmentOf(settings), ...more, ...env },
    });
    started.push(one);
    return one;
  };

  test.each(programs)(
    '%s with a wrong configuration: exits 2 and names every mistake at once',
    async (program) => {
      const at = 'gravitee_integration_providers_0';
      const service = start(program, {
        [`${at}_type`]: 'kong',
        [`${at}_integrationId`]: '',
        [`${at}_configuration_requestsPerSecond`]: 'many',
        gravitee_integration_connector_ws_endpoints_0: 'ftp://apim.example.com',
        gravitee_services_core_http_port: '123456',
        gravitee_federation_sealingKey: 'short',
      });
      expect(await service.ended()).toBe(2);
      const said = JSON.stringify(service.log());
      // Each value as written, or the key where nothing was written.
      for (const name of [
        `${at}_type`,
        'integration.providers[0].integrationId',
        `${at}_configuration_requestsPerSecond`,
        'gravitee_integration_connector_ws_endpoints_0',
        'gravitee_services_core_http_port',
      ]) {
        expect(said).toContain(name);
      }
      expect(said).not.toContain(aws.credentials.secretAccessKey);
    },
  );

  test.each(programs)('%s --help and --version: exit 0', async (program) => {
    for (const argument of ['--help', '--version']) {
      const one = startAgentProcess({ program, cwd: folder, env: {}, args: [argument] });
      started.push(one);
      expect(await one.ended()).toBe(0);
      expect(one.log()).not.toEqual([]);
    }
  });

  test('SIGTERM: each service ends with 0 within 10 s, with a socket open', async () => {
    const services = SERVICES.map((program) => start(program));
    await untilActive(apim, integration);
    for (const service of services) {
      const began = performance.now();
      expect(await service.end('SIGTERM')).toBe(0);
      expect(performance.now() - began).toBeLessThan(10_000);
    }
    expect(await apim.channels(integration)).toEqual([]);
  }, 60_000);

  test('broker not reachable: not ready and alive; connects when it comes; not ready again when it goes', async () => {
    await broker.kill();
    const services = SERVICES.map((program) => start(program));
    for (const service of services)
      expect(await service.untilHealth(/not connected/u)).toMatchObject({ status: 503 });
    for (const service of services) {
      expect((await fetch(`${await service.url()}/healthz`)).status).toBe(200);
    }
    await broker.restart();
    await untilActive(apim, integration);
    for (const service of services) await service.ready();
    await broker.kill();
    for (const service of services) await service.untilHealth(/not connected/u);
    await broker.restart();
    await untilActive(apim, integration);
    for (const service of services) await service.ready();
  }, 90_000);
});
