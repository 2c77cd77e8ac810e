/**
 * What an operator may ask subscription-manager about the API keys in AWS. Each request costs a few calls of AWS at the
 * most, so that each has its answer in time; whoever asks puts the pages together. No answer has the value of a key.
 */
import { z } from 'zod';

const place = { integrationId: z.string(), account: z.string(), region: z.string() };
const by = z.string();

/** Keys of one `plans` request: a call of AWS each. */
export const mostKeysAsked = 20;

export const AskKeys = z.discriminatedUnion('do', [
  /** Which accounts and regions there are. */
  z.object({ do: z.literal('targets'), integrationId: z.string(), by }),
  /** One page of API keys, each judged by the records; `position` is from the page before. */
  z.object({ do: z.literal('page'), ...place, position: z.string().exactOptional(), by }),
  /** The usage plans of these keys. */
  z.object({ do: z.literal('plans'), ...place, keyIds: z.array(z.string()).max(mostKeysAsked), by }),
  /** Delete a key that the agent made and nobody holds. It is judged anew before. */
  z.object({ do: z.literal('delete'), ...place, keyId: z.string(), keyName: z.string(), by }),
]);
export type AskKeys = z.output<typeof AskKeys>;

export const KeyTargets = z.object({
  targets: z.array(z.object({ account: z.string(), region: z.string() })),
  /** Targets whose account is not known yet, each with the reason. */
  waiting: z.array(z.string()),
});
export type KeyTargets = z.output<typeof KeyTargets>;

/** A key whose name has the agent's form. */
export const JudgedKey = z.object({
  keyId: z.string(),
  keyName: z.string(),
  enabled: z.boolean(),
  graviteeSubscriptionId: z.string(),
  /** Integration in the key's description; absent: the description has another form. */
  describedFor: z.string().exactOptional(),
  /** `live`: a live record has it; `deletable`: nobody holds it, and the agent made it; `kept`: that is not proven. */
  verdict: z.enum(['live', 'deletable', 'kept']),
  why: z.string(),
});
export type JudgedKey = z.output<typeof JudgedKey>;

export const KeyPage = z.union([
  z.object({ denied: z.object({ action: z.string(), resource: z.string() }) }),
  z.object({
    keys: z.array(JudgedKey),
    /** Ids of the other keys on the page. */
    others: z.array(z.string()),
    position: z.string().exactOptional(),
  }),
]);
export type KeyPage = z.output<typeof KeyPage>;

/** Ids of usage plans by key id. */
export const KeyPlans = z.object({ plans: z.record(z.string(), z.array(z.string())) });
export type KeyPlans = z.output<typeof KeyPlans>;

export const KeyDeleted = z.object({ message: z.string() });
export type KeyDeleted = z.output<typeof KeyDeleted>;
