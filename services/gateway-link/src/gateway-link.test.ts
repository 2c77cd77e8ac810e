import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentConfig, LinkEvent, workerKinds } from '@federation-agent/contracts';
import type { LiveConfig } from '@federation-agent/configuration';
import { tlsFixture } from '@federation-agent/net/test';
import { acceptAll, refuseHello } from '../test/fake-controller.ts';
import { startWorkbench, type Workbench } from '../test/workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await startWorkbench();
});
afterEach(() => bench.stop());

const discovered = {
  status: 'SUCCEEDED' as const,
  payload: { inline: { apis: [], isPartialDiscovery: false } },
};

describe('a socket is held only while the chain works', () => {
  it('opens at the first answer of each kind, closes when one is gone, and comes back with it', async () => {
    bench.workers.alive.delete('discovery');
    const { connected, health, controller, integrationId } = await bench.link({
      limits: { aliveMemory: 1_000 },
    });
    await healthOf(() =>
      String(health.report().components[`apim:${integrationId}`]?.detail).includes('no discovery worker'),
    );
    expect(controller.connections).toHaveLength(0);
    expect(health.ready()).toBe(false);

    bench.workers.alive.add('discovery');
    const first = await connected();
    await first.replyTo(first.command('HEALTH_CHECK'));
    expect(health.ready()).toBe(true);

    bench.workers.alive.delete('subscription');
    expect((await first.closed).code).toBe(1000);
    await healthOf(() => !health.ready());
    expect(JSON.stringify(health.report())).toContain('no subscription worker');
    bench.workers.alive.add('subscription');
    const second = await connected(1);
    expect(await second.replyTo(second.command('HEALTH_CHECK'))).toMatchObject({
      payload: { healthy: true },
    });
  });

  it('closes when the broker stays away, and comes back with it', async () => {
    const { connected } = await bench.link({ limits: { brokerGrace: 500 } });
    const first = await connected();
    await bench.testBroker.kill();
    expect((await first.closed).code).toBe(1000);
    await bench.testBroker.restart();
    await connected(1);
  });
});

describe('the broker killed in the middle', () => {
  it('keeps the socket, and every command gets its reply', async () => {
    const { connected, integrationId, controller } = await bench.link();
    const connection = await connected();
    await bench.testBroker.kill();
    const ids = Array.from({ length: 20 }, (_, index) =>
      connection.command('DISCOVER', {}, `broken-${index}`),
    );
    await bench.testBroker.restart();
    const answered = new Set<string>();
    const answer = async (): Promise<void> => {
      for (const command of bench.workers.commands) {
        if (command.integrationId !== integrationId || answered.has(command.commandId)) continue;
        answered.add(command.commandId);
        void bench.workers.reply(command, discovered).catch(() => answered.delete(command.commandId));
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const replies = Promise.all(ids.map((id) => connection.replyTo(id)));
    const done = replies.then(() => true);
    while (!(await Promise.race([done, answer().then(() => false)])));
    expect(
      (await replies).every(
        ({ commandStatus }) => commandStatus === 'SUCCEEDED' || commandStatus === 'ERROR',
      ),
    ).toBe(true);
    for (const id of ids) {
      expect(
        connection.frames.filter((frame) => frame.kind === 'reply' && frame.reply.commandId === id),
      ).toHaveLength(1);
    }
    expect(controller.connections).toHaveLength(1);
  });

  it('tells the caller when the broker does not come back in time', async () => {
    const { connected } = await bench.link({ limits: { commandDeadline: 1_000, replyDeadline: 5_000 } });
    const connection = await connected();
    await bench.testBroker.kill();
    const reply = await connection.replyTo(connection.command('DISCOVER'));
    expect(reply).toMatchObject({
      commandStatus: 'ERROR',
      errorDetails: expect.stringContaining('could not pass the command on'),
    });
  });
});

describe('several integrations', () => {
  it('have a socket, a reason and a back-off of their own; one accepted makes the process ready', async () => {
    const { controller, health, integrationIds } = await bench.link({
      integrations: 2,
      script: (command, connection) => {
        const known = integrationsRefused.has(String(command.payload['targetId']));
        return command.type === 'HELLO' && known
          ? refuseHello(command, connection)
          : acceptAll(command, connection);
      },
    });
    const [refused = '', accepted = ''] = integrationIds;
    integrationsRefused.add(refused);
    await healthOf(() => health.report().components[`apim:${accepted}`]?.status === 'up');
    (await controller.connection(0)).tcp.destroy();
    (await controller.connection(1)).tcp.destroy();
    await healthOf(() =>
      String(health.report().components[`apim:${refused}`]?.detail).includes('does not match'),
    );
    await healthOf(() => health.report().components[`apim:${accepted}`]?.status === 'up');
    expect(health.ready()).toBe(true);
    expect(health.report().components['apim']).toMatchObject({ detail: '1 of 2 integrations connected' });
  });
  const integrationsRefused = new Set<string>();
});

describe('a good-bye for good', () => {
  it('leaves the process up, not ready, with the reason', async () => {
    const { connected, health, integrationId } = await bench.link();
    const connection = await connected();
    connection.command('GOOD_BYE', { reconnect: false });
    expect((await connection.closed).code).toBe(1000);
    await healthOf(() => !health.ready());
    expect(health.report().components[`apim:${integrationId}`]?.detail).toContain('autoReconnect');
  });
});

it.each(['headers', 'ssl'])('dials at once with what changed below %s', async (key) => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-link-'));
  const path = join(folder, 'truststore.pem');
  copyFileSync(tlsFixture('truststore.pem'), path);
  let tell: (changed: AgentConfig) => void = () => undefined;
  const live: LiveConfig = {
    current: () => AgentConfig.parse({}),
    watch: (watched, onChange) => {
      if (watched === `integration.connector.ws.${key}`) tell = onChange;
      return () => undefined;
    },
  };
  bench.workers.alive.delete('discovery');
  const { health, integrationId, connected } = await bench.link({
    ws: { ssl: { truststore: { path } } },
    live,
  });
  rmSync(folder, { recursive: true });
  bench.workers.alive.add('discovery');
  const detail = () => health.report().components[`apim:${integrationId}`]?.detail ?? '';
  await healthOf(() => detail().includes(`${path} does not exist`));
  const headers = [{ name: 'Authorization', value: 'bearer new' }];
  tell(AgentConfig.parse({ integration: { connector: { ws: { headers } } } }));
  const { request } = await connected();
  expect(request.headers.authorization).toBe('bearer new');
});

describe('events', () => {
  it('say when a link is connected, refused and closed', async () => {
    const events: LinkEvent[] = [];
    const seen = Promise.withResolvers<undefined>();
    bench.broker.nc.subscribe(bench.broker.subjects.eventsOf('link'), {
      callback: (_error, message) => {
        events.push(LinkEvent.parse(message.json()));
        if (events.length === 3) seen.resolve(undefined);
      },
    });
    await bench.broker.nc.flush();
    const { connected, controller, integrationId } = await bench.link();
    const connection = await connected();
    await connection.replyTo(connection.command('HEALTH_CHECK'));
    controller.script = refuseHello;
    connection.tcp.destroy();
    await seen.promise;
    // The refused dial is closed too, perhaps before this line.
    expect(events.slice(0, 3).map(({ what }) => what)).toStrictEqual(['connected', 'closed', 'refused']);
    expect(events[0]).toMatchObject({ integrationId, endpoint: controller.endpoint });
  });
});

describe('shutdown', () => {
  it('waits for the reply that is due and its pong, refuses what is new, closes with 1000', async () => {
    const { connected, service, integrationId } = await bench.link();
    const connection = await connected();
    const id = connection.command('DISCOVER');
    const command = await bench.workers.command(integrationId);
    const stopped = service.stop();
    const late = await connection.replyTo(connection.command('DISCOVER'));
    expect(late).toMatchObject({
      commandStatus: 'ERROR',
      errorDetails: 'the agent is shutting down; try again',
    });
    expect(await bench.workers.reply(command, discovered)).toStrictEqual({ outcome: 'delivered' });
    expect(await connection.replyTo(id)).toMatchObject({ commandStatus: 'SUCCEEDED' });
    expect((await connection.closed).code).toBe(1000);
    await stopped;
  });

  it('is over in time when nobody answers', async () => {
    const { connected, service, integrationId } = await bench.link({
      limits: { shutdown: 400, closeTimeout: 100 },
    });
    const connection = await connected();
    connection.command('DISCOVER');
    await bench.workers.command(integrationId);
    connection.tcp.pause();
    const started = performance.now();
    await service.stop();
    // Otherwise the stop would wait for the command, up to its reply deadline.
    expect(performance.now() - started).toBeLessThan(bench.limits.replyDeadline / 2);
  });

  it('works for a link that never connected', async () => {
    for (const kind of workerKinds) bench.workers.alive.delete(kind);
    const { service } = await bench.link();
    await service.stop();
  });
});

/** Resolves when the health report says so. */
async function healthOf(says: () => boolean): Promise<void> {
  while (!says()) await new Promise((resolve) => setTimeout(resolve, 10));
}
