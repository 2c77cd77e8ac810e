/** Which keys are deletable: every case that is refused, each one change away from one that is not. */
import { describe, expect, test } from '@jest/globals';
import type { ListedApiKey } from '@federation-agent/aws-control-plane';
import type { SubscriptionRecord } from '@federation-agent/contracts';
import {
  bothAttempts,
  deliveredAttempt,
  limits,
  record,
  refusedAttempt,
  start,
  unconfirmedAttempt,
} from '../../test/saga/builders.ts';
import { judge, type JudgeFacts, type Judgement } from './judge.ts';

const key: ListedApiKey = {
  id: 'key1',
  name: 'gravitee-sub-1 My app',
  description: 'd',
  enabled: true,
  createdAt: start / 1_000,
};
const place = { integrationId: 'int', account: '111122223333', region: 'eu-west-1' };
const old = start + 2 * limits.lateCall;

function judged(of: JudgeFacts['record'], changes: Partial<JudgeFacts> = {}): Judgement {
  return judge({ key, place, life: 1, record: of, now: old, limits, ...changes });
}

const unresolved = record('unresolved');
const unsubscribed = record('revoked', { unsubscribed: 'key1' });
const refused = record('revoked', { attempts: [refusedAttempt] });

describe('deletable', () => {
  test.each<[string, SubscriptionRecord, ListedApiKey, boolean]>([
    ['a key whose id AWS never told', unresolved, { ...key, id: 'any' }, true],
    ['the key that an UNSUBSCRIBE named', unsubscribed, key, false],
    ['another key of that life, made by a late call', unsubscribed, { ...key, id: 'late' }, true],
    ['a key of a life whose answers were all refused', refused, key, true],
  ])('%s', (_name, of, one, ifInNoPlan) => {
    expect(judged(of, { key: one })).toMatchObject({ verdict: 'deletable', ifInNoPlan });
  });
});

describe('kept', () => {
  test.each<[string, JudgeFacts['record'], Partial<JudgeFacts>, RegExp]>([
    ['without a record', undefined, {}, /no record/u],
    ['with a record of another version', 'unreadable', {}, /cannot be read/u],
    ['of another account', unresolved, { place: { ...place, account: '2' } }, /is in 111122223333/u],
    ['of another region', unresolved, { place: { ...place, region: 'x' } }, /is in 111122223333/u],
    ['of an earlier life', { ...unresolved, life: 2 }, {}, /of life 1/u],
    ['of a later life', unsubscribed, { life: 2 }, /of life 2/u],
    ['renamed', unresolved, { key: { ...key, name: 'gravitee-sub-1 other' } }, /name is not/u],
    ['with another description', unresolved, { key: { ...key, description: 'e' } }, /description is not/u],
    ['without a date', unresolved, { key: { ...key, createdAt: undefined } as never }, /does not say when/u],
    [
      'made late by the last call',
      unresolved,
      { key: { ...key, createdAt: (start + limits.lateCall) / 1_000 }, now: start + limits.lateCall + 1 },
      /in the making/u,
    ],
    ['younger than a call may last', unresolved, { now: start + limits.lateCall - 1 }, /in the making/u],
    [
      'made when no call of its life could run any more',
      unsubscribed,
      { key: { ...key, createdAt: old / 1_000 }, now: old * 2 },
      /somebody else made it/u,
    ],
    [
      'while a call may still run',
      { ...unresolved, lastCreatingCallAt: old },
      { now: old + limits.lateCall - 1 },
      /in the making/u,
    ],
    ['found gone before', record('revoked', { note: 'the key was deleted in AWS' }), {}, /nothing proves/u],
    ['revoked by an operator', record('revoked', { attempts: [unconfirmedAttempt] }), {}, /nothing proves/u],
    ['given to APIM', record('revoked', { attempts: [deliveredAttempt] }), {}, /nothing proves/u],
    [
      'with one answer that nobody knows of',
      record('revoked', { attempts: [refusedAttempt, ...bothAttempts.slice(1)] }),
      {},
      /nothing proves/u,
    ],
    ['of a life without attempts', record('revoked', { attempts: [] }), {}, /nothing proves/u],
    ['of a life that ended, and whose purge was denied', { ...unresolved, keyId: 'key0' }, {}, /late call/u],
  ])('a key %s', (_name, of, changes, why) => {
    expect(judged(of, changes)).toMatchObject({ verdict: 'kept', why: expect.stringMatching(why) });
  });

  test.each(['created', 'attached', 'held', 'unconfirmed', 'revoking', 'sweeping', 'purging'] as const)(
    'every key of a subscription that is %s',
    (state) => {
      expect(judged(record(state))).toMatchObject({ verdict: 'live' });
      const other = { key: { ...key, id: 'other' } };
      expect(judged(record(state, { attempts: [refusedAttempt] }), other)).toMatchObject({ verdict: 'kept' });
    },
  );

  test('the key that is being made', () => {
    expect(judged(record('intent'))).toMatchObject({ verdict: 'live' });
    expect(judged(record('intent', { life: 2 }))).toMatchObject({ verdict: 'kept' });
  });
});
