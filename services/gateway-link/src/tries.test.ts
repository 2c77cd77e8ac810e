/** What the link does again: how often, with which pauses, and where that ends. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AgentConfig,
  failed,
  Gate,
  limitsAt,
  messageIds,
  realLimits,
  type Api,
  type IngestBatch,
} from '@federation-agent/contracts';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { quickClock, testTelemetry } from '@federation-agent/base/test';
import {
  BrokerUnavailableError,
  type Bucket,
  openBucket,
  openChunkStore,
  publish,
  toClaim,
  retryUntil,
} from '@federation-agent/broker';
import { openChannel } from './channel/channel.ts';
import { createGates, type Gates } from './commands/gate.ts';
import { acceptAll } from '../test/fake-controller.ts';
import { startWorkbench, type Workbench } from '../test/workbench.ts';
import { watchChainReadiness } from './chain-readiness.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await startWorkbench();
});
afterAll(() => bench.stop());

const times = (count: number, ms: number): number[] => Array<number>(count).fill(ms);
/** From the first to the last: a busy machine may show a single pause shorter than it was. */
const span = (moments: readonly number[]): number => (moments.at(-1) ?? 0) - (moments[0] ?? 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const notNow = (): Promise<never> => Promise.reject(new BrokerUnavailableError('not now'));
const never = new AbortController().signal;

describe('a connection to APIM', () => {
  /** Refuses every upgrade. Dials until there were so many; answers when they came. */
  async function dials(status: number, count: number, limits: object): Promise<number[]> {
    const moments: number[] = [];
    const apim = createServer().listen(0, '127.0.0.1');
    await once(apim, 'listening');
    const channel = openChannel({
      integrationId: 'i',
      config: AgentConfig.parse({
        integration: {
          connector: { ws: { endpoints: [`http://127.0.0.1:${(apim.address() as AddressInfo).port}`] } },
        },
      }).integration.connector.ws,
      limits: { ...limitsAt(20), ...limits },
      clock: systemClock,
      random: { ...systemRandomness, fraction: () => 0 },
      onActive: () => undefined,
      onInactive: () => undefined,
      onFrame: () => undefined,
      onReport: () => undefined,
      onView: () => undefined,
    });
    const enough = new Promise((resolve) => {
      apim.on('upgrade', (_request, tcp) => {
        tcp.on('error', () => undefined);
        moments.push(performance.now());
        tcp.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
        if (moments.length === count) resolve(undefined);
      });
    });
    channel.want(true, '');
    await enough;
    await channel.stop();
    apim.close();
    return moments;
  }

  it('that is not made is dialled again, half as long again after each time, up to a cap, for ever', async () => {
    const moments = await dials(503, 8, { backOffFirst: 100, backOffCap: 300 });
    // Jittered to their half here.
    const least = [100, 150, 225, 300, 300, 300, 300].map((whole) => whole / 2);
    expect(span(moments)).toBeGreaterThanOrEqual(0.9 * sum(least));
    expect(span(moments)).toBeLessThan(3 * sum(least));
  });

  it('whose token is refused is dialled again slowly, for ever', async () => {
    const moments = await dials(401, 4, { backOffFirst: 1, refusedRetry: 200 });
    expect(span(moments)).toBeGreaterThanOrEqual(0.9 * 3 * 0.75 * 200);
  });
});

describe('an INGEST message of which APIM takes nothing', () => {
  it('is offered with doubled pauses up to a cap until its time is over; then it is a dead letter, and done is sent', async () => {
    const asked: { ids: string; at: number }[] = [];
    let away = true;
    const { connected, integrationId } = await bench.link({
      script: (command, connection) => {
        if (command.type !== 'INGEST') return acceptAll(command, connection);
        const ids = (command.payload['apis'] as Api[]).map(({ uniqueId }) => uniqueId).join(' ');
        asked.push({ ids, at: performance.now() });
        return away ? failed(command.id, 'INGEST', 'no database') : acceptAll(command, connection);
      },
      limits: { backOffFirst: 50, ingestRetryCap: 200, ingestRetryFor: 1_000 },
    });
    const connection = await connected();
    const buried = new Promise((resolve) => {
      bench.broker.nc.subscribe(bench.broker.subjects.dead('INGEST'), { callback: resolve });
    });
    const send = (batch: number, uniqueId: string | undefined): Promise<void> =>
      sendBatch(integrationId, batch, uniqueId);
    await send(0, 'a');
    await buried;
    away = false;
    const before = asked.splice(0);
    await send(1, undefined);
    await connection.next('command', ({ command }) => command.payload['done'] === true);
    expect(before.map(({ ids }) => ids).slice(0, 2)).toEqual(['a', '']);
    // Only the empty one is asked for again while APIM is away: after 50, 100, 200, 200 ms and so on.
    const later = before.slice(1);
    expect(later.every(({ ids }) => ids === '')).toBe(true);
    const pauses = later.slice(1).map((_one, at) => [50, 100][at] ?? 200);
    expect(span(later.map(({ at }) => at))).toBeGreaterThanOrEqual(0.9 * sum(pauses));
    expect(later.length).toBeGreaterThanOrEqual(4);
    // 50 + 100 + 5 times 200 ms are the second.
    expect(later.length).toBeLessThanOrEqual(1 + 2 + 5);
  });

  async function sendBatch(integrationId: string, batch: number, uniqueId?: string): Promise<void> {
    const { broker } = bench;
    const api = { id: uniqueId, name: 'a', version: '1', description: '', type: 'PROXY' };
    const empty = { connectionDetails: {}, pages: [], plans: [], metadata: [] };
    const apis = uniqueId === undefined ? [] : [{ uniqueId, ...api, ...empty }];
    const ingestJobId = 'job';
    const message: IngestBatch = {
      integrationId,
      ingestJobId,
      batch,
      apis: await toClaim(await openChunkStore(broker, 'payloads'), apis),
      done: uniqueId === undefined,
    };
    const id = messageIds.batch(integrationId, ingestJobId, batch);
    await publish(broker, broker.subjects.ingest(integrationId), message, { id, until: Date.now() + 5_000 });
  }
});

describe('the gate of a command', () => {
  const gatesOn = (bucket: Partial<Bucket<Gate>>, clock = quickClock()): Gates =>
    createGates({
      bucket: bucket as Bucket<Gate>,
      linkId: 'l',
      limits: realLimits,
      clock,
      random: systemRandomness,
      log: testTelemetry().log,
    });

  it('that the broker does not record is tried every 200 ms until the reply would be too late', async () => {
    const clock = quickClock();
    let tries = 0;
    const create = (): Promise<never> => {
      tries += 1;
      return notNow();
    };
    const gates = gatesOn({ create }, clock);
    const opening = gates.open('c', clock.now() + 2_000, never);
    expect(await opening).toHaveProperty('refused');
    expect(tries).toBe(10 + 1); // The last is the first try to shut it.
    expect(clock.pauses.slice(0, 10)).toEqual(times(10, 200));
    await gates.stop(0);
  });

  it('that cannot be shut is tried every 200 ms for ten minutes', async () => {
    const clock = quickClock();
    let tries = 0;
    const over = Promise.withResolvers<undefined>();
    const gates = createGates({
      bucket: {
        create: () => {
          tries += 1;
          return notNow();
        },
      } as never,
      linkId: 'l',
      limits: realLimits,
      clock,
      random: systemRandomness,
      log: { ...testTelemetry().log, error: () => over.resolve(undefined) } as never,
    });
    gates.shut('c');
    await over.promise;
    expect(tries).toBe(600_000 / 200 + 1);
    expect(new Set(clock.pauses)).toEqual(new Set([200]));
    await gates.stop(0);
  });

  it('that others write all the time is given up after a hundred writes, and read as unconfirmed', async () => {
    const bucket = await openBucket(bench.broker, 'gates', Gate);
    let writes = 0;
    const gates = gatesOn({
      ...bucket,
      update: () => {
        writes += 1;
        if (writes > 1_000) throw new Error('for ever');
        return Promise.resolve(undefined);
      },
    });
    const commandId = randomUUID();
    const gate = await gates.open(commandId, Date.now() + 60_000, never);
    if ('refused' in gate) throw new Error(gate.refused);
    await gate.settle('delivered');
    // Then it is tried again behind the scenes, a hundred times each.
    expect(writes).toBe(100);
    await gates.stop(0);
  });
});

it('a payload that the broker does not take or give is tried every 200 ms until the deadline', async () => {
  const clock = quickClock();
  let tries = 0;
  const attempt = (): Promise<never> => {
    tries += 1;
    return notNow();
  };
  const trying = retryUntil(attempt, { until: clock.now() + 50_000, clock, limits: realLimits });
  await expect(trying).rejects.toMatchObject({ code: 'broker-unavailable' });
  expect(tries).toBe(250);
  expect(clock.pauses).toEqual(times(249, 200));
});

it('workers are asked whether they are alive at once and ever slower while one is missing, else every 20 s', async () => {
  const done = Promise.withResolvers<undefined>();
  const clock = quickClock((sleeps) => {
    if (sleeps === 8) done.resolve(undefined);
  });
  let asked = 0;
  const { nc, subjects } = bench.broker;
  const answering = (['discovery', 'subscription'] as const).map((kind) =>
    nc.subscribe(subjects.alive(kind, 'watched'), {
      callback: (_error, message) => {
        asked += 1;
        message.respond(JSON.stringify(asked > 6 ? { instance: 'w', at: 0 } : 'not yet'));
      },
    }),
  );
  const readiness = watchChainReadiness({
    integrationId: 'watched',
    broker: bench.broker,
    limits: realLimits,
    clock,
    onChange: () => undefined,
  });
  await done.promise;
  await readiness.stop();
  for (const one of answering) one.unsubscribe();
  expect(clock.pauses.slice(0, 8)).toEqual([20, 26, 34, ...times(5, 20_000)]);
  expect(asked).toBeGreaterThanOrEqual(2 * 8);
  expect(asked).toBeLessThanOrEqual(2 * 10);
});
