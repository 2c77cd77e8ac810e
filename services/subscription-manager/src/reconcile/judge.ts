/**
 * Whether a key in AWS is an orphan that the agent made and nobody holds. A key that is deleted by mistake is the worst
 * that can happen, so everything that is not proven is kept. Pure. docs/subscription-saga.md has the rule.
 */
import type { ListedApiKey } from '@federation-agent/aws-control-plane';
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { KeyPlace, SagaLimits } from '../saga/events.ts';
import { isoTime } from '../saga/operator-actions.ts';

export interface JudgeFacts {
  readonly key: ListedApiKey;
  readonly place: KeyPlace;
  /** The life in the key's name. */
  readonly life: number;
  /** Record of the subscription in the key's name, read after the key. */
  readonly record: SubscriptionRecord | 'unreadable' | undefined;
  /** Epoch ms, the broker's clock. */
  readonly now: number;
  readonly limits: Pick<SagaLimits, 'lateCall'>;
}

export type Judgement =
  | { readonly verdict: 'live' | 'kept'; readonly why: string }
  | {
      readonly verdict: 'deletable';
      readonly why: string;
      /** Only while it is in no usage plan: APIM did not name this very key. */
      readonly ifInNoPlan: boolean;
    };

/** @param facts the name of the key has the agent's form */
export function judge(facts: JudgeFacts): Judgement {
  const { key, place, life, record } = facts;
  if (record === undefined)
    return kept(
      'there is no record of this subscription: another agent made the key, or the record ended more than a day ago',
    );
  if (record === 'unreadable') return kept('the record of this subscription cannot be read');
  if (record.account !== place.account || record.region !== place.region)
    return kept(`the record of this subscription is in ${record.account}/${record.region}`);
  if (record.state !== 'revoked' && record.state !== 'unresolved') return ofLive(key, life, record);
  if (life !== record.life)
    return kept(`it is of life ${life}, and the record only tells of life ${record.life}`);
  if (key.name !== record.keyName) return kept('its name is not the one that the agent gave');
  if (key.description !== record.keyDescription)
    return kept('its description is not the one that the agent gave');
  return whyNotOfLife(facts, record) ?? ofEnded(key, record);
}

function ofLive(key: ListedApiKey, life: number, record: SubscriptionRecord): Judgement {
  const { state, keyId } = record;
  const own = keyId === key.id || (keyId === undefined && life === record.life);
  return own
    ? { verdict: 'live', why: `the key of a subscription that is ${state}` }
    : kept(`its subscription is ${state} with the key ${keyId ?? 'that is being made'}`);
}

/** A call that makes a key executes within W after it was sent, or never: what is younger may be in use in a moment. */
function whyNotOfLife(
  { key, now, limits }: JudgeFacts,
  { lastCreatingCallAt }: SubscriptionRecord,
): Judgement | undefined {
  if (key.createdAt === undefined) return kept('AWS does not say when it was made');
  const madeAt = key.createdAt * 1_000;
  const lastAt = lastCreatingCallAt + limits.lateCall;
  if (madeAt > lastAt)
    return kept('it was made after the last call of its life could run: somebody else made it');
  const from = Math.max(madeAt + limits.lateCall, lastAt);
  return now < from ? kept(`it may still be in the making until ${isoTime(from)}`) : undefined;
}

function ofEnded(key: ListedApiKey, record: SubscriptionRecord): Judgement {
  const { state, keyId, unsubscribed, attempts, note } = record;
  if (state === 'unresolved') {
    return keyId === undefined
      ? deletable('AWS never told the agent its id, so no answer to APIM had it', true)
      : kept(`its life ended, and AWS did not say whether a late call made it anew: ${note ?? state}`);
  }
  if (unsubscribed === key.id) return deletable('APIM unsubscribed this key', false);
  if (unsubscribed !== undefined)
    return deletable('APIM unsubscribed; a late call of that life made this key', true);
  if (attempts.length > 0 && attempts.every(({ outcome }) => outcome?.state === 'refused'))
    return deletable('no answer with this key reached APIM: every one was refused', true);
  return kept(`its life has ended, but nothing proves that APIM does not hold it: ${note ?? state}`);
}

function kept(why: string): Judgement {
  return { verdict: 'kept', why };
}

function deletable(why: string, ifInNoPlan: boolean): Judgement {
  return { verdict: 'deletable', why, ifInNoPlan };
}
