/** The comparison of the agent's records with the API keys in AWS. */
import { z } from 'zod';
import { count, time } from './common.ts';

/** Which accounts and regions; absent: all. */
export const ReconcileRequest = z.strictObject({
  integrationId: z.string().exactOptional(),
  account: z.string().exactOptional(),
  region: z.string().exactOptional(),
  /** Also looks whether each key is in its usage plan, which takes a call of AWS per key. */
  plans: z.boolean().default(true),
});
export type ReconcileRequest = z.output<typeof ReconcileRequest>;

export const ReconcileTarget = z.object({
  integrationId: z.string(),
  /** Account and region, or the name in the configuration while the account is not known. */
  account: z.string(),
  region: z.string(),
  /** `denied`: the policy lacks the permission that `reason` names; `failed`: it could not be read to its end. */
  state: z.enum(['waiting', 'reading', 'done', 'denied', 'failed']),
  /** API keys read so far, whoever made them. */
  keys: count,
  /** Keys whose usage plans were looked up, of so many. */
  plans: z.object({ done: count, total: count }),
  reason: z.string().exactOptional(),
});
export type ReconcileTarget = z.output<typeof ReconcileTarget>;

/**
 * `orphan`: a key with a name as the agent gives, and no live record; `lost`: a live record whose key AWS does not
 * have; `outside-plan`: the key is not in the record's usage plan; `disabled` and `renamed`: somebody changed the key.
 */
export const FindingKind = z.enum(['orphan', 'lost', 'outside-plan', 'disabled', 'renamed']);
export type FindingKind = z.output<typeof FindingKind>;

export const Finding = z.object({
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  kind: FindingKind,
  keyId: z.string(),
  keyName: z.string(),
  graviteeSubscriptionId: z.string(),
  /** An orphan that the agent provably made and nobody holds: it may be deleted. */
  deletable: z.boolean(),
  /** What it means; of an orphan, why it is or is not deletable. */
  why: z.string(),
});
export type Finding = z.output<typeof Finding>;

export const Reconciliation = z.object({
  state: z.enum(['never', 'running', 'done']),
  by: z.string().exactOptional(),
  startedAt: time.exactOptional(),
  endedAt: time.exactOptional(),
  /** Why it could not begin or go on. */
  failure: z.string().exactOptional(),
  targets: z.array(ReconcileTarget),
  /** Empty until it is done. */
  findings: z.array(Finding),
});
export type Reconciliation = z.output<typeof Reconciliation>;

export const DeleteKeyRequest = z.strictObject({
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  keyId: z.string(),
  /** As the finding has it. */
  keyName: z.string(),
});
export type DeleteKeyRequest = z.output<typeof DeleteKeyRequest>;
