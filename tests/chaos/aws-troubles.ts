import { setTimeout as pause } from 'node:timers/promises';
import type { AwsKind } from '../support/aws-peer.ts';
import { awsFaults } from '../support/fault-proxy.ts';
import type { FaultAction, FaultRule } from '../support/fault-proxy.ts';
import type { Random } from './random.ts';
import type { Trouble } from './trouble.ts';

type Where = Omit<FaultRule, 'action' | 'times'>;

const anywhere: Where = {};
const createApiKey: Where = { method: 'POST', path: /^\/apikeys/u };
const createUsagePlanKey: Where = { method: 'POST', path: /^\/usageplans\/[^/]+\/keys/u };
const deleteApiKey: Where = { method: 'DELETE', path: /^\/apikeys\//u };
const reads: Where = { method: 'GET' };
const lists: Where = { method: 'GET', path: /^\/(restapis|usageplans)(\?|$)/u };

const places = [anywhere, createApiKey, createUsagePlanKey, deleteApiKey, reads] as const;
/** moto has no ImportApiKeys: a key whose answer was lost cannot be found again there, and needs an operator. */
const placesOnMoto = [createUsagePlanKey, deleteApiKey, reads] as const;

const internalFailure: FaultAction = {
  kind: 'answer',
  status: 500,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'InternalFailure' },
  body: JSON.stringify({ message: null }),
};

/** A success that does not say what was done. */
const unreadableSuccess = (random: Random): FaultAction => ({
  kind: 'answer',
  when: random.chance(0.5) ? 'after' : 'before',
  status: 201,
  headers: { 'content-type': 'application/json' },
  body: '{}',
});

/** Faults of AWS and of the connection to it. `places` are the calls whose answers may be lost. */
export function awsTroubles(kind: AwsKind): readonly Trouble[] {
  const lossy = kind === 'moto' ? placesOnMoto : places;
  return [
    trouble(
      'AWS throttles',
      3,
      [anywhere, createApiKey, createUsagePlanKey, reads],
      () => awsFaults.tooManyRequests,
    ),
    trouble('AWS answers with a page of HTML', 2, lossy, () => awsFaults.badGateway),
    trouble('AWS fails', 2, lossy, () => internalFailure),
    trouble('AWS is slow', 2, lossy, (random) => ({ kind: 'delay', ms: random.between(100, 1_500) })),
    trouble('AWS loses what it is asked', 2, lossy, () => ({ kind: 'reset', when: 'before' })),
    trouble('AWS loses its answers', 4, lossy, () => ({ kind: 'reset', when: 'after' })),
    trouble('AWS hangs', 2, lossy, () => ({ kind: 'hang', when: 'before' })),
    trouble('AWS hangs after it has done it', 3, lossy, () => ({ kind: 'hang', when: 'after' })),
    ...(kind === 'moto' ? [] : [unreadable]),
    trouble('AWS denies its lists', 1, [lists], () => awsFaults.accessDenied),
  ];
}

/** At most twice: the fourth unreadable answer for one subscription needs an operator, and there is none here. */
const unreadable: Trouble = {
  name: 'AWS answers success that cannot be read',
  weight: 2,
  async run({ aws }, random) {
    const rule = { ...createApiKey, action: unreadableSuccess(random), times: random.between(1, 2) };
    const fault = aws.faults.fault(rule);
    await pause(random.between(500, 6_000));
    fault.release();
  },
};

/** Affects some requests, or all requests of some seconds. */
function trouble(
  name: string,
  weight: number,
  where: readonly Where[],
  action: (random: Random) => FaultAction,
): Trouble {
  return {
    name,
    weight,
    async run({ aws }, random) {
      const few = random.chance(0.5);
      const rule = { ...random.pick(where), action: action(random) };
      const fault = aws.faults.fault(few ? { ...rule, times: random.between(1, 4) } : rule);
      await pause(random.between(500, few ? 6_000 : 3_500));
      fault.release();
    },
  };
}
