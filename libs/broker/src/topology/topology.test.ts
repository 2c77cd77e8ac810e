import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commandConsumer, ingestConsumer, limitsAt, topologyVersion } from '@federation-agent/contracts';
import type { Broker } from '../broker.ts';
import { connectBroker } from '../connection/connect.ts';
import { ensureConsumer, ensureTopology } from './ensure-topology.ts';
import { readServers } from '../connection/servers.ts';
import { streamConfig } from './stream-configs.ts';
import { versionOf } from './topology-version.ts';
import { streamSpecs } from '@federation-agent/contracts';
import { connectTestBroker, startTestBroker, type TestBroker, testConfig } from '../../test/broker.ts';
import { eventually, testTelemetry } from '@federation-agent/base/test';

const limits = limitsAt(20);
let server: TestBroker;
const open: Broker[] = [];

beforeEach(async () => {
  server = await startTestBroker();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((broker) => broker.close()));
  await server.stop();
});
const connected = (service: Parameters<typeof connectTestBroker>[1] = 'aws-discovery') =>
  connectTestBroker(server, service, limits).then((broker) => (open.push(broker), broker));
const bare = () =>
  connectBroker({
    config: testConfig(server.url),
    service: 'aws-discovery',
    name: 'bare',
    limits,
    telemetry: testTelemetry(),
  }).then((broker) => (open.push(broker), broker));

describe('topology', () => {
  test('a service makes what it owns, on file, with its version', async () => {
    const { jsm } = await connected('gateway-link');
    const made = await jsm.streams.list().next();
    expect(made.map(({ config }) => config.name).sort()).toEqual([
      'KV_federation-agent_gates',
      'KV_federation-agent_payloads',
      'KV_federation-agent_suspects',
      'federation-agent_COMMANDS',
      'federation-agent_DEAD',
      'federation-agent_EVENTS',
      'federation-agent_INGEST',
    ]);
    expect(made.every(({ config }) => config.storage === 'file')).toBe(true);
    expect(made.every(({ config }) => versionOf(config.description) === topologyVersion)).toBe(true);
    const gates = made.find(({ config }) => config.name === 'KV_federation-agent_gates');
    expect(gates?.config).toMatchObject({ max_msgs_per_subject: 1, allow_direct: true, max_age: 0 });
  });

  test('older is updated, newer is left', async () => {
    const broker = await bare();
    const [commands, ingest] = streamSpecs(broker).map((spec) => streamConfig(broker.names, spec, 1));
    if (!commands || !ingest) throw new Error('no specs');
    await broker.jsm.streams.add({ ...commands, description: 'federation topology v0', max_age: 77e9 });
    await broker.jsm.streams.add({ ...ingest, description: 'federation topology v999', max_age: 77e9 });
    await ensureTopology(broker, 'aws-discovery', { replicas: 1 });
    const ageOf = async (name: string) => (await broker.jsm.streams.info(name)).config.max_age;
    expect(await ageOf(commands.name)).toBe(commands.max_age);
    expect(await ageOf(ingest.name)).toBe(77e9);
  });

  test('a consumer: absent is made, older updated, newer left; it has no delivery limit', async () => {
    const broker = await connected();
    const spec = commandConsumer('discovery', broker);
    await ensureConsumer(broker, spec);
    const read = async () =>
      (await broker.jsm.consumers.info(broker.names.stream(spec.stream), broker.names.durable(spec.durable)))
        .config;
    expect(await read()).toMatchObject({ max_deliver: -1, max_ack_pending: 5000, ack_policy: 'explicit' });
    const set = (description: string) =>
      broker.jsm.consumers.update(broker.names.stream(spec.stream), broker.names.durable(spec.durable), {
        description,
        max_ack_pending: 7,
      });
    await set('federation topology v999');
    await ensureConsumer(broker, spec);
    expect((await read()).max_ack_pending).toBe(7);
    await set('federation topology v0');
    await ensureConsumer(broker, spec);
    expect((await read()).max_ack_pending).toBe(5000);
  });

  test('many replicas starting at once, old settings among them: the new ones hold', async () => {
    const brokers = await Promise.all(Array.from({ length: 6 }, bare));
    const [first] = brokers;
    const [commands] = first ? streamSpecs(first).map((spec) => streamConfig(first.names, spec, 1)) : [];
    if (!commands) throw new Error('no specs');
    const old = { ...commands, description: 'federation topology v0', max_age: 77e9 };
    await Promise.all(
      brokers.map(async (broker, index) => {
        if (index % 2 === 0) await broker.jsm.streams.add(old).catch(() => undefined);
        await ensureTopology(broker, 'aws-discovery', { replicas: 1 });
        await ensureConsumer(broker, ingestConsumer('an integration', broker));
      }),
    );
    expect((await brokers[0]?.jsm.streams.info(commands.name))?.config.max_age).toBe(commands.max_age);
  });

  test('what is gone after a reconnect is made again', async () => {
    const broker = await connected();
    const back = new Promise<void>((resolve) => void broker.onReconnect(resolve));
    await broker.jsm.streams.delete('KV_federation-agent_catalog');
    await server.kill();
    await server.restart();
    await back;
    await eventually(() =>
      broker.jsm.streams.info('KV_federation-agent_catalog').then(
        () => true,
        () => false,
      ),
    );
  });
});

describe('connection', () => {
  test('waits for a broker that is not there yet, and says why once', async () => {
    await server.kill();
    const telemetry = testTelemetry();
    const connecting = connectBroker({
      config: testConfig(server.url),
      service: 'aws-discovery',
      name: 'x',
      limits,
      telemetry,
    });
    await eventually(() => telemetry.lines().length > 0);
    await server.restart();
    const broker = await connecting;
    open.push(broker);
    expect(broker.connected()).toBe(true);
    expect(telemetry.lines()).toMatchObject([
      { level: 'warn', reason: expect.stringMatching(/refused/iu) as unknown },
    ]);
  });

  test('a server before 2.10 is refused, with the reason', async () => {
    const old = createServer((socket) => {
      const info = { server_id: 'x', version: '2.9.10', headers: true, max_payload: 1_048_576, proto: 1 };
      socket.write(`INFO ${JSON.stringify(info)}\r\n`);
      socket.on('data', (data) => {
        if (data.includes('PING')) socket.write('PONG\r\n');
      });
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(old, 'listening');
    const { port } = old.address() as AddressInfo;
    const connecting = connectBroker({
      config: testConfig(`nats://127.0.0.1:${port}`),
      service: 'aws-discovery',
      name: 'x',
      limits,
      telemetry: testTelemetry(),
    });
    await expect(connecting).rejects.toMatchObject({
      code: 'configuration',
      lines: [expect.stringContaining('nats-server 2.9.10 is too old: 2.10 is the minimum')],
    });
    old.close();
  });

  test('a URL says who and where; what stands beside it wins; nonsense is refused', () => {
    expect(readServers({ url: 'nats://u:p%40@a:1, tls://b' })).toEqual({
      servers: ['a:1', 'b'],
      user: 'u',
      pass: 'p@',
      tls: {},
    });
    expect(readServers({ url: 'tok3n@a:1', token: 'other' })).toEqual({
      servers: ['a:1'],
      token: 'other',
    });
    expect(() => readServers({ url: 'http://a' })).toThrow('federation.broker.url');
    expect(() => readServers({})).toThrow('federation.broker.url');
  });

  test('waiting can be given up', async () => {
    await server.kill();
    const giveUp = AbortSignal.abort();
    await expect(
      connectBroker({
        config: testConfig(server.url),
        service: 'aws-discovery',
        name: 'x',
        limits,
        telemetry: testTelemetry(),
        signal: giveUp,
      }),
    ).rejects.toMatchObject({ code: 'broker-unavailable' });
  });

  test('knows since when it is down', async () => {
    const broker = await connected();
    expect(broker.downSince()).toBeUndefined();
    await server.kill();
    await eventually(() => !broker.connected());
    expect(broker.downSince()).toBeLessThanOrEqual(Date.now());
    await server.restart();
    await eventually(() => broker.connected());
  });

  test("knows the broker's clock, whatever its own says", async () => {
    const skew = 60_000;
    const skewed = {
      now: () => Date.now() + skew,
      sleep: (ms: number) => new Promise<void>((r) => setTimeout(r, ms)),
    };
    const broker = await connectBroker({
      config: testConfig(server.url),
      service: 'aws-discovery',
      name: 'x',
      limits,
      telemetry: testTelemetry(),
      clock: skewed,
    });
    open.push(broker);
    await ensureTopology(broker, 'aws-discovery', { replicas: 1 });
    await eventually(() => broker.clockOffset() !== 0);
    expect(Math.abs(broker.clockOffset() + skew)).toBeLessThan(1_000);
  });
});
