/** Pages of the audit trail, from a real broker. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limitsAt, type SubscriptionEvent } from '@federation-agent/contracts';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import { publishEvent, type Broker } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker } from '@federation-agent/broker/test';
import { EventFilter, EventQuery, type AuditEvent } from './api/index.ts';
import { openTrail, type Trail } from './trail.ts';

let server: Awaited<ReturnType<typeof startTestBroker>>;
let broker: Broker;
let trail: Trail;
const total = 1_300;

const eventOf = (number: number): SubscriptionEvent => ({
  at: number,
  integrationId: 'i',
  actor: { kind: 'sweeper' },
  outcome: 'ok',
  graviteeSubscriptionId: `s-${number % 100}`,
  state: number % 2 === 0 ? 'held' : 'revoked',
  life: 1,
  account: 'a',
  region: 'r',
  uniqueId: 'a:r:x:y',
  usagePlanId: 'p',
});

beforeAll(async () => {
  server = await startTestBroker();
  broker = await connectTestBroker(server, 'subscription-manager', limitsAt(20), testTelemetry());
  trail = openTrail(broker);
  expect(await trail.page(EventQuery.parse({}))).toEqual({ events: [] });
  for (let number = 1; number <= total; number += 1) publishEvent(broker, 'subscription', eventOf(number));
  const stream = broker.names.stream('EVENTS');
  await eventually(async () => (await broker.jsm.streams.info(stream)).state.messages === total);
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

async function allPages(query: object): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  for (let before: number | undefined, first = true; first || before !== undefined; first = false) {
    const page = await trail.page(EventQuery.parse({ ...query, ...(before !== undefined && { before }) }));
    found.push(...page.events);
    before = page.next;
  }
  return found;
}

describe('the trail', () => {
  test('page by page is all of it, newest first, nothing twice', async () => {
    const found = await allPages({ limit: 500 });
    expect(found.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: total }, (_none, index) => total - index),
    );
  });

  test('with a filter has only what matches, on full pages', async () => {
    const page = await trail.page(EventQuery.parse({ what: 'held', subscription: 's-2', limit: 5 }));
    expect(page.events.map(({ at }) => at)).toEqual([1_202, 1_102, 1_002, 902, 802]);
    expect(await allPages({ what: 'held', subscription: 's-2' })).toHaveLength(13);
    expect(await allPages({ kind: 'api' })).toEqual([]);
  });

  test('about one subscription, oldest first; of too many the latest', async () => {
    expect((await trail.about('s-7', 100)).map(({ at }) => at)).toEqual(
      Array.from({ length: 13 }, (_none, index) => 7 + index * 100),
    );
    expect((await trail.about('s-7', 2)).map(({ at }) => at)).toEqual([1_107, 1_207]);
  });

  test('in order, until whoever reads has enough', async () => {
    const ats: number[] = [];
    await trail.all(EventFilter.parse({ subscription: 's-3' }), ({ at }) => ats.push(at) < 4);
    expect(ats).toEqual([3, 103, 203, 303]);
  });

  test('tells what happens from now on', async () => {
    const heard: AuditEvent[] = [];
    const following = trail.follow((event) => heard.push(event));
    await eventually(() => {
      publishEvent(broker, 'subscription', eventOf(9_999));
      return heard.length > 0;
    });
    expect(heard[0]).toMatchObject({ at: 9_999 });
    await following.stop();
  });
});
