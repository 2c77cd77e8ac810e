import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@federation-agent/service-kit';
import { eventually, testTelemetry } from '@federation-agent/service-kit/testing';
import { openDataFolder } from '../data-folder.ts';
import {
  closedPort,
  failedOf,
  integrationId,
  main,
  portOf,
  resultsOf,
  startInstallation,
  type Environment,
  type Installation,
} from './testing/installation.ts';

let it: Installation;
const ending: (() => unknown)[] = [];

beforeAll(async () => {
  it = await startInstallation();
});
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});
afterAll(() => it.stop());

interface Channel {
  readonly id: string;
  readonly active: boolean;
  readonly primary: boolean;
}

/** Of the integration, as APIM has them. */
async function channels(): Promise<readonly Channel[]> {
  const response = await fetch(`${it.apim.controlUrl}/integrations/${integrationId}/channels`);
  const { channels: all } = (await response.json()) as { channels: Channel[] };
  return all.map(({ id, active, primary }) => ({ id, active, primary }));
}

/** Runs until the test ends. */
async function startAgent(env: Environment, wanted: 200 | 503): Promise<void> {
  const agent = spawn(process.execPath, [main], { env, cwd: it.folder, stdio: 'ignore' });
  ending.push(async () => {
    if (agent.exitCode !== null) return;
    const ended = once(agent, 'exit');
    agent.kill();
    await ended;
  });
  const url = `http://localhost:${env['gravitee_services_core_http_port']}/readyz`;
  await eventually(async () => {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    return status === wanted;
  });
}

test('a running agent is noticed, and keeps its channel, its broker, its folder and its port', async () => {
  const dataDir = join(it.folder, 'of-the-agent');
  const env = it.environment({
    NATS_URL: undefined,
    gravitee_federation_dataDir: dataDir,
    gravitee_services_core_http_port: String(await closedPort()),
  });
  await startAgent(env, 200);
  // Its health answers before it has begun to connect.
  await eventually(async () => (await channels()).some(({ active, primary }) => active && primary));
  const state = async (): Promise<unknown> => ({
    channels: await channels(),
    files: await readdir(dataDir),
    lock: await readFile(join(dataDir, 'agent.lock'), 'utf8'),
    broker: await readFile(join(dataDir, 'nats-server.pid'), 'utf8'),
  });
  const before = await state();
  const results = await it.examine(env);
  expect(resultsOf(results, 'agent')).toMatchObject([
    { status: 'ok', detail: 'one runs here and is ready; nothing below disturbs it' },
  ]);
  expect(failedOf(results)).toEqual([]);
  expect(resultsOf(results, 'hello')).toMatchObject([{ status: 'ok' }]);
  expect(resultsOf(results, 'broker')).toMatchObject([
    { status: 'skipped', detail: expect.stringContaining('agent that runs') },
  ]);
  expect(await state()).toEqual(before);
  // Commands still reach it.
  const discover = await fetch(`${it.apim.controlUrl}/integrations/${integrationId}/discover`, {
    method: 'POST',
  });
  expect(await discover.json()).toMatchObject({ commandStatus: 'SUCCEEDED', payload: { apis: [{}] } });
});

test('one that is not ready: what it says of itself', async () => {
  const env = it.environment({
    gravitee_integration_connector_ws_headers_0_value: 'bearer wrong-token',
    gravitee_services_core_http_port: String(await closedPort()),
  });
  await startAgent(env, 503);
  const [agent] = resultsOf(await it.examine(env), 'agent');
  expect(agent).toMatchObject({ status: 'note', fix: expect.stringContaining('curl http://localhost:') });
  expect(agent?.lines?.join('\n')).toMatch(/gateway-link.* is down/u);
});

test('a port that something else has is said', async () => {
  const server = createServer((_request, response) => response.end('hello'));
  ending.push(() => server.close());
  const port = await portOf(server);
  const results = await it.examine({ gravitee_services_core_http_port: String(port) });
  expect(failedOf(results)).toEqual(['agent']);
  expect(resultsOf(results, 'agent')[0]).toMatchObject({
    detail: expect.stringContaining(`port ${port} is taken by something that is no agent`),
    fix: expect.stringContaining('services.core.http.port'),
  });
});

test('the embedded broker of a running agent is left alone', async () => {
  const dataDir = join(it.folder, 'data');
  const { log } = testTelemetry();
  const held = await openDataFolder({ path: dataDir, explicit: true, log, clock: systemClock });
  ending.push(() => held.release());
  const before = await readdir(dataDir);
  const results = await it.examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(resultsOf(results, 'agent')[0]?.detail).toContain('one runs');
  expect(resultsOf(results, 'broker')).toMatchObject([
    { status: 'skipped', detail: expect.stringContaining('agent that runs') },
  ]);
  expect(await readdir(dataDir)).toEqual(before);
});

test('without a running agent an embedded broker is tried elsewhere', async () => {
  const dataDir = join(it.folder, 'new', 'data');
  const results = await it.examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(failedOf(results)).toEqual([]);
  expect(resultsOf(results, 'jetstream')).toMatchObject([{ status: 'ok', subject: 'embedded' }]);
  expect(resultsOf(results, 'broker')[0]?.detail).toMatch(/can be made|is not on a volume/u);
});

test('a data folder that cannot be written stops an agent that was told to use it', async () => {
  await writeFile(join(it.folder, 'file'), '');
  const dataDir = join(it.folder, 'file', 'data');
  const results = await it.examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(failedOf(results)).toEqual(['broker']);
  expect(resultsOf(results, 'broker')[0]).toMatchObject({
    subject: 'data folder',
    detail: `${dataDir} cannot be written`,
    fix: expect.stringContaining('federation.dataDir'),
  });
});
