import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';

const fixture = fileURLToPath(new URL('../../test/fixture-service.ts', import.meta.url));
const children: ChildProcess[] = [];
let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => broker.stop());

interface Service {
  readonly child: ChildProcess;
  /** Resolves with the first line of its log that matches. */
  readonly line: (pattern: RegExp) => Promise<string>;
  readonly ended: Promise<{ code: unknown; out: string; err: string }>;
}

function start(env: Record<string, string>): Service {
  const child = spawn(process.execPath, [fixture], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      gravitee_integration_connector_ws_endpoints_0: 'http://127.0.0.1:1',
      gravitee_integration_providers_0_type: 'aws-api-gateway',
      gravitee_integration_providers_0_integrationId: 'one',
      gravitee_integration_providers_0_configuration_region: 'eu-west-1',
      gravitee_services_core_http_port: '0',
      gravitee_services_core_http_host: '127.0.0.1',
      NATS_URL: broker.url,
      ...env,
    },
  });
  children.push(child);
  let [out, err] = ['', ''];
  const waiting = new Set<() => void>();
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  createInterface(child.stdout).on('line', (text) => {
    out += `${text}\n`;
    for (const look of waiting) look();
  });
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = out.split('\n').find((one) => pattern.test(one));
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      child.once('close', () => reject(new Error(`ended without ${pattern.source}: ${out}${err}`)));
      look();
    });
  const ended = once(child, 'close').then(([code]) => ({ code: code as unknown, out, err }));
  return { child, line, ended };
}

test('a service serves the node API, and its own routes there; a level that is changed there holds at once, until it stops', async () => {
  const service = start({
    gravitee_services_core_http_authentication_users_admin: 'adminadmin',
    gravitee_federation_log_loggers_broker: 'error',
  });
  await service.line(/"msg":"started"/u);
  const { url } = JSON.parse(await service.line(/health server listens/u)) as { url: string };
  const headers = { authorization: `Basic ${btoa('admin:adminadmin')}` };
  const node = (path: string, init: RequestInit = {}) => fetch(`${url}/_node${path}`, { headers, ...init });

  expect((await fetch(`${url}/_node`)).status).toBe(401);
  expect(await (await node('')).json()).toMatchObject({ name: 'gateway-link', services: ['gateway-link'] });
  expect(await (await node('/fixture')).json()).toEqual({ of: 'the fixture' });
  expect(await (await node('/health')).json()).toMatchObject({ broker: { healthy: true } });
  expect(await (await node('/logging')).json()).toMatchObject({
    ROOT: 'INFO',
    'gateway-link': 'INFO',
    'gateway-link.broker': 'ERROR',
  });
  const changed = await node('/logging', { method: 'POST', body: '{"gateway-link": "ERROR"}' });
  expect(await changed.json()).toMatchObject({ 'gateway-link': 'ERROR' });
  service.child.kill('SIGTERM');
  const { code, out } = await service.ended;
  expect(code).toBe(0);
  expect(out).not.toContain('drained');
  expect(out).not.toContain('adminadmin');
});

test('for people when it is asked for', async () => {
  const service = start({ gravitee_federation_log_format: 'pretty' });
  expect(await service.line(/ started/u)).toMatch(/^[\d:.]{12} INFO {2}gateway-link: started$/u);
  service.child.kill('SIGTERM');
  expect((await service.ended).code).toBe(0);
});
