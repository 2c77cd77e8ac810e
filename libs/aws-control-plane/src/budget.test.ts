/**
 * The budget over a real broker. Each worker has its own clock, which moves only while that worker waits. So nothing
 * here takes real time.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BudgetRecord, limitsAt, realLimits } from '@federation-agent/contracts';
import { type Clock, defineMetrics, systemClock, systemRandomness } from '@federation-agent/base';
import { quickClock, testTelemetry } from '@federation-agent/base/test';
import { type Broker, BrokerUnavailableError, type Bucket, openBucket } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { createBudget, type Budget, type TokenRequest } from './budget.ts';
import { awsMetrics } from './metrics.ts';

const start = 1_700_000_000_000;
let server: TestBroker;
let brokers: Broker[];

beforeAll(async () => {
  server = await startTestBroker();
  brokers = await Promise.all([1, 2, 3].map(() => connectTestBroker(server, 'aws-discovery', limitsAt(1))));
});
afterAll(async () => {
  await Promise.all(brokers.map((broker) => broker.close()));
  await server.stop();
});

/** Time that passes only while somebody sleeps. */
function ownClock(skew = 0): Clock {
  let now = start + skew;
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      await new Promise(setImmediate);
      if (!signal?.aborted) now += ms;
    },
  };
}

const bucketOf = (index: number): Promise<Bucket<BudgetRecord>> => {
  const broker = brokers[index];
  if (!broker) throw new Error('no such broker');
  return openBucket(broker, 'budget', BudgetRecord);
};

async function worker(
  index: number,
  clock: Clock,
  skew = 0,
  rate = 5,
): Promise<Budget & { metrics: () => Promise<string> }> {
  const telemetry = testTelemetry();
  const budget = createBudget({
    bucket: await bucketOf(index),
    broker: { clockOffset: () => -skew },
    clock,
    random: systemRandomness,
    limits: realLimits,
    log: telemetry.log,
    metrics: defineMetrics(telemetry.registry, awsMetrics),
    rate,
    burst: 5,
  });
  return { ...budget, metrics: () => telemetry.registry.metrics() };
}
const ask = (region: string, fields: Partial<TokenRequest> = {}): TokenRequest => ({
  account: '123456789012',
  region,
  priority: 'scan',
  keys: undefined,
  ...fields,
});

/** The highest number of `times` in any second. */
function mostPerSecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((from, i) => sorted.slice(i).filter((at) => at < from + 999.9).length));
}

describe('several workers', () => {
  test('that all take what they get never have more than the rate and the burst, hosts two seconds apart', async () => {
    const grants: number[] = [];
    const scan = async (index: number, skew: number): Promise<string> => {
      const clock = ownClock(skew);
      const budget = await worker(index, clock, skew);
      for (let n = 0; n < 40; n += 1) {
        expect(await budget.take(ask('saturated'))).toBe('granted');
        grants.push(clock.now() - skew);
      }
      return budget.metrics();
    };
    const metrics = await Promise.all([scan(0, 0), scan(1, 2_000), scan(2, -2_000)]);
    expect(grants).toHaveLength(120);
    expect(mostPerSecond(grants)).toBeLessThanOrEqual(9);
    // 120 calls at 5/s after the burst: no slot was lost, and none was taken twice.
    const record = await (await bucketOf(0)).get('123456789012.saturated');
    expect(record?.value.tat).toBeGreaterThanOrEqual(start + (120 - 5) * 200);
    expect(
      metrics.every((text) =>
        text.includes('federation_aws_budget_rate{account="123456789012",region="saturated"} 5'),
      ),
    ).toBe(true);
  });

  test('a hundred commands of one worker queue: first come first served, the late leave at their deadline', async () => {
    const clock = systemClock;
    const budget = await worker(0, clock, 0, 1_000);
    const deadline = clock.now() + 600;
    // Key calls get five slots a second, so only the first few can be in time.
    const taken = await Promise.all(
      Array.from({ length: 100 }, () =>
        budget.take(ask('queue', { priority: 'command', keys: 'create', deadline })),
      ),
    );
    expect(taken.filter((token) => token === 'granted').length).toBeLessThanOrEqual(4);
    expect(taken.filter((token) => token === 'late').length).toBeGreaterThanOrEqual(96);
    expect(taken.lastIndexOf('granted')).toBeLessThanOrEqual(3);
    // A call that is too late takes no slot from later calls.
    const record = await (await bucketOf(0)).get('123456789012.queue');
    expect(record?.value.keysTat).toBeLessThan(deadline + 250);
  });

  test('a scan takes nothing before it is due; a command has its slot at once', async () => {
    const first = await worker(0, ownClock());
    for (let n = 0; n < 5; n += 1) await first.take(ask('priority'));
    const bucket = await bucketOf(0);
    const tat = async (): Promise<number> => (await bucket.get('123456789012.priority'))?.value.tat ?? 0;
    for (const [priority, taken] of [
      ['scan', 0],
      ['command', 200],
    ] as const) {
      const before = await tat();
      const stop = new AbortController();
      const asleep = Promise.withResolvers<undefined>();
      const frozen: Clock = {
        now: () => start,
        sleep: (_ms, signal) => {
          asleep.resolve(undefined);
          return new Promise((resolve) => {
            signal?.addEventListener('abort', () => resolve());
          });
        },
      };
      const waiting = (await worker(1, frozen)).take(ask('priority', { priority, signal: stop.signal }));
      await asleep.promise;
      expect([priority, (await tat()) - before]).toEqual([priority, taken]);
      stop.abort();
      expect(await waiting).toBe('stopped');
    }
  });

  test('the slower configured rate holds for both', async () => {
    const slow = await worker(0, ownClock(), 0, 2);
    await slow.take(ask('lowest'));
    const clock = ownClock();
    const fast = await worker(1, clock, 0, 8);
    for (let n = 0; n < 20; n += 1) await fast.take(ask('lowest'));
    expect(clock.now() - start).toBeGreaterThanOrEqual((21 - 5) * 500);
  });
});

describe('a 429', () => {
  test('slows everybody down, once for what was under way together', async () => {
    const clocks = [ownClock(), ownClock()] as const;
    const one = await worker(0, clocks[0]);
    const other = await worker(1, clocks[1]);
    await one.take(ask('slow'));
    const sentAt = clocks[0].now();
    const retryAfterMs = 4_000;
    await Promise.all([1, 2, 3].map(() => one.throttled(ask('slow'), { sentAt, retryAfterMs })));
    await other.take(ask('slow'));
    expect(clocks[1].now() - start).toBeGreaterThanOrEqual(retryAfterMs);
    expect((await (await bucketOf(0)).get('123456789012.slow'))?.value.rate).toBe(2.5);
  });
});

describe('a record that cannot be read', () => {
  test('is made anew', async () => {
    const broker = brokers[0];
    await broker?.js.publish('$KV.federation-agent_budget.123456789012.broken', 'no JSON');
    const budget = await worker(0, ownClock());
    expect(await budget.take(ask('broken'))).toBe('granted');
    expect((await (await bucketOf(0)).get('123456789012.broken'))?.value.rate).toBe(5);
  });
});

describe('no broker', () => {
  test('a token is asked for every 250 ms, jittered to twice that, until the caller stops', async () => {
    const stop = new AbortController();
    const clock = quickClock((sleeps) => {
      if (sleeps === 12) stop.abort();
    });
    let asked = 0;
    const telemetry = testTelemetry();
    const get = (): Promise<never> => {
      asked += 1;
      return Promise.reject(new BrokerUnavailableError('away'));
    };
    const budget = createBudget({
      bucket: { ...(await bucketOf(0)), get },
      broker: { clockOffset: () => 0 },
      clock,
      random: systemRandomness,
      limits: realLimits,
      log: telemetry.log,
      metrics: defineMetrics(telemetry.registry, awsMetrics),
      rate: 5,
      burst: 5,
    });
    expect(await budget.take(ask('away', { signal: stop.signal }))).toBe('stopped');
    expect(asked).toBe(12);
    for (const pause of clock.pauses) {
      expect(pause).toBeGreaterThanOrEqual(250);
      expect(pause).toBeLessThan(500);
    }
  });

  test('no token: it waits, a deadline and a signal end that, and it goes on when the broker is back', async () => {
    const budget = await worker(2, systemClock);
    expect(await budget.take(ask('away'))).toBe('granted');
    await server.kill();
    expect(await budget.take(ask('away', { deadline: Date.now() + 300 }))).toBe('late');
    const stop = new AbortController();
    const stopped = budget.take(ask('away', { signal: stop.signal }));
    const waiting = budget.take(ask('away', { priority: 'command' }));
    stop.abort();
    expect(await stopped).toBe('stopped');
    await budget.throttled(ask('away'), { sentAt: Date.now() });
    await server.restart();
    expect(await waiting).toBe('granted');
  });
});
