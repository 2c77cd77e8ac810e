/** The console's user at the broker may not read everything: it shows what it can, and says what is missing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  AgentConfig,
  defaultNamespace,
  limitsAt,
  permissionBlock,
  permissionsOf,
} from '@federation-agent/contracts';
import { z } from 'zod';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import { startAs, startTestBroker, testConfig, type TestBroker } from '@federation-agent/broker/test';
import { createHealth } from '@federation-agent/service-kit';
import { consoleService } from './start.ts';

let server: TestBroker;
beforeAll(async () => {
  const { publish, subscribe } = permissionsOf('console', defaultNamespace);
  const withoutCatalog = publish.filter((subject) => !subject.includes('KV_federation-agent_catalog'));
  const users = [
    '{ user: services, password: services }',
    `{ user: console, password: console, permissions: ${permissionBlock({ publish: withoutCatalog, subscribe })} }`,
  ];
  server = await startTestBroker({ config: `authorization { users: [${users.join(', ')}] }` });
});
afterAll(() => server.stop());

test('a bucket that it may not read: one warning that says what to do, degraded, and it serves all the same', async () => {
  const user = (name: string) => testConfig(server.url, { user: name, password: name });
  for (const service of ['aws-discovery', 'subscription-manager'] as const)
    await (await startAs(service, user('services'))).close();
  const telemetry = testTelemetry();
  const broker = await startAs('console', user('console'), { telemetry });
  const health = createHealth();
  const running = await consoleService()({
    service: 'console',
    instance: 'console-1',
    version: '1.2.3',
    config: AgentConfig.parse({
      services: { core: { http: { authentication: { type: 'none' } } } },
      federation: { console: { host: '127.0.0.1', port: 0 } },
    }),
    limits: limitsAt(20),
    broker,
    telemetry,
    health,
    clock: systemClock,
    random: systemRandomness,
  });
  const shown = () => health.report().components['console'];

  const { url } = z.object({ url: z.string() }).parse(shown()?.data);
  expect((await fetch(new URL('/api/subscriptions', url))).status).toBe(200);
  await eventually(() => shown()?.status === 'degraded');
  expect(shown()).toMatchObject({ detail: expect.stringMatching(/bucket catalog.*npm run broker:users/u) });
  const said = telemetry.lines().filter(({ msg }) => /bucket catalog/u.test(String(msg)));
  expect(said).toMatchObject([{ level: 'warn' }]);

  await running.stop();
  await broker.close();
  expect(shown()).toBeUndefined();
});
