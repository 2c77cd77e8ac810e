/** `apply` on a record as it was seen last, on a real broker. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { Entry } from '@federation-agent/broker';
import { answer, record } from '../../test/saga/builders.ts';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';
import { apply, recordKey } from './record.ts';
import type { Saga } from './saga.ts';

let bench: Workbench;
let saga: Saga;
beforeAll(async () => {
  bench = await startWorkbench();
  saga = await (await bench.startReplica()).openSaga();
});
afterAll(() => bench.stop());

/** A record in the bucket, of an integration that no sweeper here has. */
async function stored(value: SubscriptionRecord): Promise<Entry<SubscriptionRecord>> {
  // Now, or the clean-up would take it for a tombstone that is over.
  const own = { ...value, graviteeSubscriptionId: randomUUID(), changedAt: Date.now() };
  const key = recordKey(own);
  return { key, value: own, revision: await saga.records.put(key, own) };
}

/** The saga, and how often it has read a record. */
function counting(): { readonly saga: Saga; reads: () => number } {
  let reads = 0;
  const get = (key: string) => {
    reads += 1;
    return saga.records.get(key);
  };
  return { saga: { ...saga, records: { ...saga.records, get } }, reads: () => reads };
}

test('an answer is written onto the record as last seen, without a read', async () => {
  const known = await stored(record('intent', { openCalls: 1 }));
  const { saga: counted, reads } = counting();
  const { current } = await apply(counted, known.key, answer({ kind: 'id', keyId: 'k' }), known);
  expect(current?.value).toMatchObject({ state: 'created', keyId: 'k' });
  expect(current).toEqual(await saga.records.get(known.key));
  expect(reads()).toBe(0);
});

test('when somebody else has written meanwhile, the answer is decided on what is there', async () => {
  const known = await stored(record('intent', { openCalls: 1 }));
  const revoked = {
    ...record('revoked', { life: 2, changedAt: Date.now() }),
    graviteeSubscriptionId: known.value.graviteeSubscriptionId,
  };
  await saga.records.update(known.key, revoked, known.revision);
  const { actions, current } = await apply(saga, known.key, answer({ kind: 'id', keyId: 'late' }), known);
  expect(actions[0]).toMatchObject({ do: 'delete-stray', keyId: 'late' });
  expect(current?.value).toEqual(revoked);
});

test('an answer that would lead to no write is decided on a new read', async () => {
  const known = await stored(record('revoked', { life: 2 }));
  const intent = {
    ...record('intent', { openCalls: 1 }),
    graviteeSubscriptionId: known.value.graviteeSubscriptionId,
  };
  await saga.records.update(known.key, intent, known.revision);
  const { saga: counted, reads } = counting();
  const { current } = await apply(counted, known.key, answer({ kind: 'id', keyId: 'k' }), known);
  expect(current?.value).toMatchObject({ state: 'created', keyId: 'k' });
  expect(reads()).toBe(1);
});
