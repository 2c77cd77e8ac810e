/** The doctor beside a running agent, and as a command of the agent's program. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { eventually } from '@federation-agent/base/test';
import { findNatsServer } from '@federation-agent/broker/test';
import type { CheckResult } from '@federation-agent/doctor';
import { mainOf } from '../support/agent-process.ts';
import {
  closedPort,
  type Environment,
  failedOf,
  integrationId,
  resultsOf,
  useInstallation,
} from '@federation-agent/doctor/test';

const { it, ending } = useInstallation();

/** The doctor as a process. */
function command(
  args: readonly string[],
  env: Environment,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [mainOf('standalone'), 'doctor', ...args],
      { env, cwd: it().folder },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

interface Channel {
  readonly id: string;
  readonly active: boolean;
  readonly primary: boolean;
}

/** Of the integration, as APIM has them. */
async function channels(): Promise<readonly Channel[]> {
  const response = await fetch(`${it().apim.controlUrl}/integrations/${integrationId}/channels`);
  const { channels: all } = (await response.json()) as { channels: Channel[] };
  return all.map(({ id, active, primary }) => ({ id, active, primary }));
}

/** Runs until the test ends. */
async function startAgent(env: Environment, wanted: 200 | 503): Promise<void> {
  const agent = spawn(process.execPath, [mainOf('standalone')], { env, cwd: it().folder, stdio: 'ignore' });
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
  const dataDir = join(it().folder, 'of-the-agent');
  const env = it().environment({
    NATS_URL: undefined,
    NATS_SERVER_BIN: findNatsServer(),
    gravitee_federation_dataDir: dataDir,
    gravitee_services_core_http_port: String(await closedPort()),
  });
  await startAgent(env, 200);
  // Its health answers before it has begun to connect.
  await eventually(async () => (await channels()).some(({ active, primary }) => active && primary));
  const state = async (): Promise<unknown> => ({
    channels: await channels(),
    files: await readdir(dataDir),
    lock: await readFile(join(dataDir, 'agent.lock.1'), 'utf8'),
    broker: await readFile(join(dataDir, 'nats-server.pid'), 'utf8'),
  });
  const before = await state();
  const results = await it().examine(env);
  expect(resultsOf(results, 'agent')).toMatchObject([
    { status: 'ok', detail: 'an agent runs here and is ready; the checks below do not disturb it' },
  ]);
  expect(failedOf(results)).toEqual([]);
  expect(resultsOf(results, 'hello')).toMatchObject([{ status: 'ok' }]);
  expect(resultsOf(results, 'broker')).toMatchObject([
    { status: 'skipped', detail: expect.stringContaining('running agent') },
  ]);
  expect(await state()).toEqual(before);
  // Commands still reach it.
  const discover = await fetch(`${it().apim.controlUrl}/integrations/${integrationId}/discover`, {
    method: 'POST',
  });
  expect(await discover.json()).toMatchObject({ commandStatus: 'SUCCEEDED', payload: { apis: [{}] } });
});

test('one that is not ready: what it says of itself', async () => {
  const env = it().environment({
    gravitee_integration_connector_ws_headers_0_value: 'bearer wrong-token',
    gravitee_services_core_http_port: String(await closedPort()),
  });
  await startAgent(env, 503);
  const [agent] = resultsOf(await it().examine(env), 'agent');
  expect(agent).toMatchObject({ status: 'note', fix: expect.stringContaining('curl http://localhost:') });
  expect(agent?.lines?.join('\n')).toMatch(/gateway-link.* is down/u);
});

test('as a command: a wrong configuration is 2 with every mistake, JSON for machines', async () => {
  const env = it().environment({
    gravitee_integration_connector_ws_endpoints_0: undefined,
    gravitee_integration_providers_0_integrationId: undefined,
    gravitee_integration_connector_ws_ssl_trustAl: 'true',
  });
  const { code, stdout, stderr } = await command(['--json'], env);
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  const said = JSON.parse(stdout) as { exitCode: number; checks: CheckResult[] };
  expect(said.exitCode).toBe(2);
  expect(said.checks.filter(({ status }) => status === 'note')).toMatchObject([
    { detail: expect.stringContaining('did you mean gravitee_integration_connector_ws_ssl_trustAll') },
  ]);
  const failed = said.checks.filter(({ status }) => status === 'failed');
  expect(failed.map(({ subject }) => subject).join()).toMatch(
    /endpoints.*integrationId|integrationId.*endpoints/u,
  );
  expect(said.checks.filter(({ check }) => check === 'hello')).toMatchObject([{ status: 'skipped' }]);
});

test('as a command: an unknown option is 2, --help is 0', async () => {
  const [wrong, help] = await Promise.all([command(['--hello'], {}), command(['--help'], {})]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--hello');
  expect(help).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('A running agent is not disturbed'),
  });
});
