import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Gate, limitsAt, subscriptionKeys } from '@federation-agent/contracts';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { testTelemetry } from '@federation-agent/base/test';
import { type Broker, BrokerUnavailableError, type Bucket, openBucket } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { createGates, type Gates } from './gate.ts';

let testBroker: TestBroker;
let broker: Broker;
let bucket: Bucket<Gate>;
beforeAll(async () => {
  testBroker = await startTestBroker();
  broker = await connectTestBroker(testBroker, 'gateway-link', limitsAt(20));
  bucket = await openBucket(broker, 'gates', Gate);
});
afterAll(async () => {
  await broker.close();
  await testBroker.stop();
});

const never = new AbortController().signal;
const lost = () => Promise.reject(new BrokerUnavailableError('no answer'));
const soon = () => Date.now() + 10_000;
const stateOf = async (commandId: string) =>
  (await bucket.get(subscriptionKeys.gate(commandId)))?.value.state;

function gatesOn(faulty: Partial<Bucket<Gate>> = {}, linkId = 'link-1'): Gates {
  return createGates({
    bucket: { ...bucket, ...faulty },
    linkId,
    limits: limitsAt(20),
    clock: systemClock,
    random: systemRandomness,
    log: testTelemetry().log,
  });
}

/** A call that is executed, while its first answers are lost. */
function losing<A extends unknown[], R>(
  call: (...args: A) => Promise<R>,
  times = 1,
): (...args: A) => Promise<R> {
  let left = times;
  return async (...args) => {
    const result = await call(...args);
    if (left === 0) return result;
    left -= 1;
    return lost();
  };
}

async function opened(gates: Gates, commandId: string) {
  const gate = await gates.open(commandId, soon(), never);
  if ('refused' in gate) throw new Error(gate.refused);
  return gate;
}

describe('a gate', () => {
  it('is writing, then what became of the reply', async () => {
    const id = randomUUID();
    const gate = await opened(gatesOn(), id);
    expect(await stateOf(id)).toBe('writing');
    await gate.settle('delivered');
    expect(await stateOf(id)).toBe('delivered');
  });

  it('is ours when only the answer to its making was lost', async () => {
    const id = randomUUID();
    await opened(
      gatesOn({ create: losing((...args: Parameters<typeof bucket.create>) => bucket.create(...args)) }),
      id,
    );
    expect(await stateOf(id)).toBe('writing');
  });

  it('is not ours when somebody was quicker, whatever they wrote', async () => {
    for (const state of ['refused', 'writing'] as const) {
      const id = randomUUID();
      await bucket.create(subscriptionKeys.gate(id), { state, by: 'other', nonce: 'n', at: 1 });
      expect(await gatesOn().open(id, soon(), never)).toHaveProperty('refused');
      expect(await stateOf(id)).toBe(state);
    }
  });

  it('that nobody acknowledged in time is not opened, and void as soon as the broker is back', async () => {
    const id = randomUUID();
    let away = true;
    const gates = gatesOn({
      create: async (...args) => {
        const made = await bucket.create(...args);
        return away ? lost() : made;
      },
      get: (key) => (away ? lost() : bucket.get(key)),
    });
    expect(await gates.open(id, Date.now() + 100, never)).toHaveProperty('refused');
    expect(await stateOf(id)).toBe('writing');
    away = false;
    await gates.stop(5_000);
    expect(await stateOf(id)).toBe('refused');
  });

  it('gets its outcome although answers are lost', async () => {
    const id = randomUUID();
    const gates = gatesOn({
      update: losing((...args: Parameters<typeof bucket.update>) => bucket.update(...args), 3),
    });
    const gate = await opened(gates, id);
    await gate.settle('unconfirmed');
    await gates.stop(5_000);
    expect(await stateOf(id)).toBe('unconfirmed');
  });

  it('is shut by create only: what another link writes is its own', async () => {
    const [absent, writing] = [randomUUID(), randomUUID()];
    await opened(gatesOn({}, 'link-2'), writing);
    const gates = gatesOn();
    gates.shut(absent);
    gates.shut(writing);
    await gates.stop(5_000);
    expect([await stateOf(absent), await stateOf(writing)]).toStrictEqual(['refused', 'writing']);
  });
});
