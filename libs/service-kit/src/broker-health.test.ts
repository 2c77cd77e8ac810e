import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { realLimits } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { connectTestBroker, startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { watchBrokerHealth } from './broker-health.ts';
import { createHealth } from './http/health.ts';

let server: TestBroker;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());

test('the broker goes away and comes back: health says so, without a timer', async () => {
  const broker = await connectTestBroker(server, 'gateway-link', realLimits);
  const health = createHealth();
  const watch = watchBrokerHealth(broker, health);
  const status = () => health.report().components['broker']?.status;
  expect(status()).toBe('up');
  await server.kill();
  await eventually(() => status() === 'down');
  await server.restart();
  await eventually(() => status() === 'up');
  watch.stop();
  await broker.close();
});
