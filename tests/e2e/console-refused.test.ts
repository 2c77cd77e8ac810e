/** A broker that refuses the console: the agent in one process goes on without it, and tries again. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultNamespace, limitsAt, permissionBlock, permissionsOfAll } from '@federation-agent/contracts';
import { connectTestBroker, startTestBroker } from '@federation-agent/broker/test';
import { environmentOf, eventually, SERVICES, startAgentProcess } from '../support/index.ts';
import { startApimPeer, startAwsPeer } from '../support/index.ts';
import type { AgentProcess, ApimPeer, AwsPeer, LogLine } from '../support/index.ts';
import { untilActive } from '../interop/scenarios/steps.ts';

const integration = 'integration-1';
const timeScale = 10;

describe('the agent in one process, when the broker refuses its console', () => {
  let apim: ApimPeer;
  let aws: AwsPeer;
  const folder = mkdtempSync(join(tmpdir(), 'console-refused-'));
  const cleanUps: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    aws = await startAwsPeer('sandbox');
    apim = await startApimPeer('sandbox', { integrations: [integration], timeScale });
  });

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  afterAll(async () => {
    await apim.stop();
    await aws.stop();
    rmSync(folder, { recursive: true });
  });

  const start = (env: Readonly<Record<string, string>>): AgentProcess => {
    const agent = startAgentProcess({
      program: 'standalone',
      cwd: folder,
      env: {
        ...environmentOf({
          apim,
          aws: { url: aws.url, ...aws.credentials },
          integrations: [{ id: integration, region: aws.region }],
          timeScale,
        }),
        gravitee_federation_sealingKey: randomBytes(32).toString('base64'),
        gravitee_federation_console_enabled: 'true',
        gravitee_federation_console_port: '0',
        ...env,
      },
    });
    cleanUps.push(() => agent.end('SIGKILL'));
    return agent;
  };
  const warnings = (agent: AgentProcess): readonly LogLine[] =>
    agent.log().filter(({ msg }) => String(msg).startsWith('the console has not started'));

  test('a user without the subjects of the console: ready, one warning, and SIGTERM ends it with 0', async () => {
    const permissions = permissionBlock(permissionsOfAll(SERVICES, defaultNamespace));
    const user = '{ user: agent, password: agents-password, permissions: ' + permissions + ' }';
    const broker = await startTestBroker({ config: `authorization { users: [${user}] }` });
    cleanUps.push(() => broker.stop());
    const agent = start({
      NATS_URL: broker.url,
      gravitee_federation_broker_user: 'agent',
      gravitee_federation_broker_password: 'agents-password',
    });

    await untilActive(apim, integration);
    await agent.ready();
    const { body } = await agent.untilHealth(/the console has not started/u);
    expect(JSON.parse(body)).toMatchObject({ ready: true, status: 'degraded' });
    expect(warnings(agent)).toMatchObject([{ msg: expect.stringContaining('npm run broker:users') }]);
    expect(await agent.end('SIGTERM')).toBe(0);
    expect(warnings(agent)).toHaveLength(1);
  }, 60_000);

  test('no connection left for it: ready without the console, which starts when there is one', async () => {
    const broker = await startTestBroker({ config: `max_connections: ${SERVICES.length + 1}` });
    cleanUps.push(() => broker.stop());
    const other = await connectTestBroker(broker, 'gateway-link', limitsAt(timeScale));
    cleanUps.push(() => other.close());
    const agent = start({ NATS_URL: broker.url });

    await untilActive(apim, integration);
    await agent.ready();
    await agent.untilHealth(/the console has not started/u);
    await other.close();
    await eventually('the console to listen', () =>
      agent.log().find(({ msg }) => msg === 'the console listens'),
    );
    expect(JSON.parse((await agent.readiness())?.body ?? '')).toMatchObject({ ready: true, status: 'up' });
    expect(warnings(agent)).toHaveLength(1);
  }, 60_000);
});
