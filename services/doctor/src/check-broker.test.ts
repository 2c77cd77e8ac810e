/** Real nats-servers, with users that lack something. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { limitsAt, type BrokerConfig } from '@federation-agent/contracts';
import {
  connectTestBroker,
  findNatsServer,
  startTestBroker,
  type TestBroker,
  testConfig,
} from '@federation-agent/broker/test';
import { checkBroker } from './check-broker.ts';
import type { CheckResult } from './result.ts';
import { closedPort, failedOf, resultsOf } from '../test/installation.ts';

const limits = limitsAt(1);
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** @returns its port; it runs until the test ends */
async function startServer(configuration: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'check-broker-'));
  const port = await closedPort();
  const file = join(folder, 'nats.conf');
  await writeFile(
    file,
    `listen: "127.0.0.1:${port}"\n${configuration.replaceAll('STORE', join(folder, 'store'))}`,
  );
  const child = spawn(findNatsServer(), ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  ending.push(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  });
  let said = '';
  // Its output is read to the end, because a server that cannot write its log dies.
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('Server is ready')) resolve();
    });
  });
  return port;
}

async function examine(
  access: Omit<BrokerConfig, 'replicas' | 'namespace'>,
  replicas = 1,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const config = testConfig(access.url ?? '', { ...access, replicas });
  for await (const result of checkBroker({ config, limits, shown: 'the broker' })) results.push(result);
  return results;
}

describe('a user that lacks a permission', () => {
  const users = [
    ['publish', 'deny', '$JS.API.>', 'jetstream', 'publish to $JS.API.INFO', '$JS.API.INFO'],
    [
      'subscribe',
      'allow',
      'federation-agent.>',
      'jetstream',
      'subscribe to _INBOX.federation-agent.gateway-link.>',
      '_INBOX.federation-agent.gateway-link.>',
    ],
    [
      'publish',
      'deny',
      '$JS.API.STREAM.CREATE.>',
      'broker permissions',
      'and 10 more',
      '$JS.API.STREAM.CREATE.federation-agent_COMMANDS',
    ],
    [
      'publish',
      'deny',
      '$JS.API.STREAM.CREATE.KV_federation-agent_gates',
      'broker permissions',
      'CREATE.KV_federation-agent_gates',
      '$JS.API.STREAM.CREATE.KV_federation-agent_gates',
    ],
    [
      'publish',
      'deny',
      '$JS.API.STREAM.PURGE.KV_federation-agent_gates',
      'broker permissions',
      'PURGE.KV_federation-agent_gates',
      '$JS.API.STREAM.PURGE.KV_federation-agent_gates',
    ],
    [
      'publish',
      'deny',
      '$JS.ACK.>',
      'broker permissions',
      '$JS.ACK.federation-agent_INGEST.*.>',
      '$JS.ACK.federation-agent_INGEST.*.>',
    ],
    [
      'publish',
      'deny',
      '$KV.>',
      'broker permissions',
      '$KV.federation-agent_payloads.>',
      '$KV.federation-agent_payloads.>',
    ],
    [
      'publish',
      'deny',
      'federation-agent.v1.event.>',
      'broker permissions',
      'federation-agent.v1.event.link.>',
      'federation-agent.v1.event.link.>',
    ],
    [
      'publish',
      'deny',
      'federation-agent.v1.link.>',
      'broker permissions',
      'federation-agent.v1.link.*.reply',
      'federation-agent.v1.link.*.reply',
    ],
    [
      'subscribe',
      'deny',
      'federation-agent.v1.link.>',
      'broker permissions',
      'subscribe to federation-agent.v1.link.*.reply',
      'federation-agent.v1.link.*.reply',
    ],
    [
      'subscribe',
      'deny',
      'federation-agent.v1.alive.>',
      'broker permissions',
      'federation-agent.v1.alive.discovery.*',
      'federation-agent.v1.alive.discovery.*',
    ],
  ] as const;
  it.each(users)('%s %s %s: %s fails and names it', async (verb, rule, subject, check, detail, grant) => {
    const port = await startServer(
      `jetstream { store_dir: "STORE" }\nauthorization { users: [ { user: agent, password: "the-word", permissions: { ${verb}: { ${rule}: ["${subject}"] } } } ] }`,
    );
    const results = await examine({ url: `nats://agent:the-word@127.0.0.1:${port}` });
    expect(failedOf(results)).toEqual([check]);
    const [failed] = resultsOf(results, check);
    expect(failed?.detail).toContain('the user may not ');
    expect(failed?.detail).toContain(detail);
    expect(failed?.fix).toContain(`${verb}: ["${grant}"`);
  });
});

describe('a broker that an agent uses', () => {
  let broker: TestBroker;
  beforeEach(async () => {
    broker = await startTestBroker();
    const connection = await connectTestBroker(broker, 'gateway-link', limits);
    await connection.close();
  });
  afterEach(() => broker.stop());

  it('has no message, no stream and no consumer more afterwards', async () => {
    const state = async (): Promise<unknown> => {
      const nc = await connect({ servers: broker.url });
      const jsm = await jetstreamManager(nc);
      const found = [];
      for await (const { config, state: now } of jsm.streams.list())
        found.push([config.name, now.messages, now.last_seq, now.consumer_count]);
      await nc.close();
      return found;
    };
    const before = await state();
    const results = await examine({ url: broker.url });
    expect(failedOf(results)).toEqual([]);
    expect(resultsOf(results, 'broker permissions')[0]?.detail).toMatch(
      /every subject is allowed; .* \d+ of 13 are there/u,
    );
    expect(resultsOf(results, 'clock')[0]?.status).toBe('ok');
    expect(await state()).toEqual(before);
  });

  it('one of a list is enough; the others are named', async () => {
    const port = await closedPort();
    const results = await examine({ url: `nats://127.0.0.1:${port},${broker.url}` });
    expect(failedOf(results)).toEqual([]);
    expect(resultsOf(results, 'broker')).toMatchObject([
      { subject: `127.0.0.1:${port}`, status: 'note', detail: expect.stringContaining('ECONNREFUSED') },
      { subject: `127.0.0.1:${broker.port}`, status: 'ok' },
    ]);
  });

  it('replicas without a cluster', async () => {
    const results = await examine({ url: broker.url }, 3);
    expect(failedOf(results)).toEqual(['jetstream']);
    expect(resultsOf(results, 'jetstream')[0]?.fix).toContain('federation.broker.replicas to 1');
  });
});

it('no server of a list: each is told', async () => {
  const results = await examine({
    url: `nats://127.0.0.1:${await closedPort()},nats://no-such-host.invalid`,
  });
  expect(failedOf(results)).toEqual(['broker', 'broker']);
  expect(resultsOf(results, 'broker').map(({ fix }) => fix)).toEqual([
    expect.stringContaining('start the NATS server'),
    expect.stringContaining('correct the name'),
  ]);
  expect(resultsOf(results, 'jetstream')).toMatchObject([{ status: 'skipped' }]);
});

it.each([
  ['nats', { password: 'another-word' }, /Authorization Violation/u, /federation.broker.user and .password/u],
  ['tls', {}, /'tls'/u, /must begin with tls:\/\//u],
])('%s, and refused', async (scheme, more, detail, fix) => {
  const port = await startServer('authorization { users: [ { user: agent, password: "the-word" } ] }');
  const results = await examine({ url: `${scheme}://127.0.0.1:${port}`, user: 'agent', ...more });
  expect(failedOf(results)).toEqual(['broker']);
  expect(resultsOf(results, 'broker')[0]).toMatchObject({
    detail: expect.stringMatching(detail),
    fix: expect.stringMatching(fix),
  });
  expect(JSON.stringify(results)).not.toContain('another-word');
});

it.each([
  ['of the server', '', 'nats://127.0.0.1', /^it is not switched on$/u, /jetstream \{ store_dir/u],
  [
    'of the account',
    'jetstream { store_dir: "STORE" }\naccounts { A: { users: [ { user: agent, password: "the-word" } ] } }',
    'nats://agent:the-word@127.0.0.1',
    /for the account/u,
    /in this account/u,
  ],
])('JetStream %s is off', async (_whose, configuration, url, detail, fix) => {
  const results = await examine({ url: `${url}:${await startServer(configuration)}` });
  expect(failedOf(results)).toEqual(['jetstream']);
  expect(resultsOf(results, 'jetstream')[0]).toMatchObject({
    detail: expect.stringMatching(detail),
    fix: expect.stringMatching(fix),
  });
  expect(resultsOf(results, 'broker permissions')).toMatchObject([{ status: 'skipped' }]);
});

it('messages that are too small', async () => {
  const port = await startServer('jetstream { store_dir: "STORE" }\nmax_payload: 65536');
  const results = await examine({ url: `nats://127.0.0.1:${port}` });
  expect(resultsOf(results, 'broker')).toMatchObject([
    {
      status: 'failed',
      detail: expect.stringContaining('65536 bytes'),
      fix: expect.stringContaining('max_payload'),
    },
  ]);
});
