import { afterEach, expect, it } from '@jest/globals';
import { AgentConfig, realLimits, type WebSocketConfig } from '@federation-agent/contracts';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { acceptAll, refuseHello, startFakeController, type Script } from '../../test/fake-controller.ts';
import { openChannel, type Channel } from './channel.ts';

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const withToken = (endpoint: string, token: string): WebSocketConfig =>
  AgentConfig.parse({
    integration: {
      connector: {
        ws: { endpoints: [endpoint], headers: [{ name: 'Authorization', value: `bearer ${token}` }] },
      },
    },
  }).integration.connector.ws;

/** Takes the new token only. */
const takesNew: Script = (command, connection) =>
  (connection.request.headers.authorization === 'bearer new' ? acceptAll : refuseHello)(command, connection);

interface Running {
  readonly channel: Channel;
  readonly refused: Promise<undefined>;
  readonly active: Promise<undefined>;
}

/** With real limits the next dial after a refusal would come a minute later. */
function open(config: WebSocketConfig): Running {
  const refused = Promise.withResolvers<undefined>();
  const active = Promise.withResolvers<undefined>();
  const channel = openChannel({
    integrationId: 'int-1',
    config,
    limits: realLimits,
    clock: systemClock,
    random: { ...systemRandomness, fraction: () => 0 },
    onActive: () => active.resolve(undefined),
    onInactive: () => undefined,
    onFrame: () => undefined,
    onReport: () => undefined,
    onView: ({ phase, reason }) => {
      if (phase === 'waiting' && reason.includes('refused')) refused.resolve(undefined);
    },
  });
  ending.push(() => channel.stop());
  channel.want(true, '');
  return { channel, refused: refused.promise, active: active.promise };
}

it('dials at once with a new token after the old one was refused', async () => {
  const controller = await startFakeController(takesNew);
  ending.push(() => controller.stop());
  const { channel, refused, active } = open(withToken(controller.endpoint, 'old'));
  await refused;
  channel.renew(withToken(controller.endpoint, 'new'));
  await active;
  expect(controller.connections).toHaveLength(2);
});

it('dials at once also when the token changes while the old one is being refused', async () => {
  const controller = await startFakeController((command, connection) => {
    if (controller.connections.length === 1) running.channel.renew(withToken(controller.endpoint, 'new'));
    return takesNew(command, connection);
  });
  ending.push(() => controller.stop());
  const running = open(withToken(controller.endpoint, 'old'));
  await running.active;
  expect(controller.connections).toHaveLength(2);
});

it('keeps a connection that works', async () => {
  const controller = await startFakeController(acceptAll);
  ending.push(() => controller.stop());
  const { channel, active } = open(withToken(controller.endpoint, 'old'));
  await active;
  channel.renew(withToken(controller.endpoint, 'new'));
  expect(channel.view().phase).toBe('active');
  expect(controller.connections).toHaveLength(1);
});
