/** What differs between the records and the API keys of one account and region. Pure. */
import type { JudgedKey } from '@federation-agent/contracts';
import type { Finding, FindingKind } from '../api/index.ts';
import type { ShownRecord } from './subscriptions.ts';

export interface ReadTarget {
  readonly integrationId: string;
  readonly account: string;
  readonly region: string;
  /** Keys with a name as the agent gives, by id. */
  readonly keys: ReadonlyMap<string, JudgedKey>;
  /** Ids of all other keys. */
  readonly others: ReadonlySet<string>;
  /** Usage plans of keys, by key id; absent: nobody looked. */
  readonly plans: ReadonlyMap<string, readonly string[]>;
}

/** States in which the key works, or is about to. */
const working: readonly ShownRecord['state'][] = ['created', 'attached', 'held', 'unconfirmed'];
const inPlan: readonly ShownRecord['state'][] = ['attached', 'held', 'unconfirmed'];

type Held = ShownRecord & { readonly keyId: string };

/**
 * The records of the target whose key should be there: those that have not changed since the comparison began, so that
 * a key that was made or deleted meanwhile is no finding.
 */
export function heldRecords(
  records: readonly ShownRecord[],
  { integrationId, account, region }: Pick<ReadTarget, 'integrationId' | 'account' | 'region'>,
  since: number,
): readonly Held[] {
  return records.filter(
    (record): record is Held =>
      record.integrationId === integrationId &&
      record.account === account &&
      record.region === region &&
      record.keyId !== undefined &&
      working.includes(record.state) &&
      Math.max(record.changedAt, record.lastCreatingCallAt) < since,
  );
}

/** Whether the key's usage plans are to be looked up. */
export function isInPlan({ state }: ShownRecord): boolean {
  return inPlan.includes(state);
}

/**
 * @param held of the target, as read after its keys
 * @param integrationIds of this installation: keys of another one of them are found where that one is compared
 */
export function findingsOf(
  target: ReadTarget,
  held: readonly Held[],
  integrationIds: readonly string[],
): Finding[] {
  const { integrationId, account, region, keys } = target;
  const place = { integrationId, account, region };
  const ofRecord = new Set(held.map(({ keyId }) => keyId));
  const elsewhere = new Set(integrationIds.filter((id) => id !== integrationId));
  const orphans = [...keys.values()]
    .filter(({ verdict, keyId }) => verdict !== 'live' && !ofRecord.has(keyId))
    .filter(({ describedFor }) => describedFor === undefined || !elsewhere.has(describedFor))
    .map(({ keyId, keyName, graviteeSubscriptionId, verdict, why }): Finding => ({
      ...place,
      kind: 'orphan',
      keyId,
      keyName,
      graviteeSubscriptionId,
      deletable: verdict === 'deletable',
      why,
    }));
  const ofRecords = held.flatMap((record) => {
    const { keyId, keyName, graviteeSubscriptionId } = record;
    const finding = (kind: FindingKind, why: string): Finding => ({
      ...place,
      kind,
      keyId,
      keyName,
      graviteeSubscriptionId,
      deletable: false,
      why,
    });
    return differences(target, record).map(([kind, why]) => finding(kind, why));
  });
  return [...orphans, ...ofRecords];
}

function differences(
  { keys, others, plans }: ReadTarget,
  { keyId, keyName, usagePlanId, state }: Held,
): (readonly [FindingKind, string])[] {
  const key = keys.get(keyId);
  if (key === undefined && !others.has(keyId)) {
    const why = `it is ${state}, and AWS does not have its key: calls with it fail. Close the subscription in APIM, and subscribe again`;
    return [['lost', why]];
  }
  const found: (readonly [FindingKind, string])[] = [];
  const inPlans = plans.get(keyId);
  if (inPlans !== undefined && !inPlans.includes(usagePlanId)) {
    const where = inPlans.length === 0 ? 'no usage plan' : `the usage plan ${inPlans.join(', ')}`;
    found.push(['outside-plan', `it is in ${where}, and should be in ${usagePlanId}: put it there`]);
  }
  if (key?.enabled === false) found.push(['disabled', 'somebody disabled it: calls with it fail']);
  if (key?.keyName !== keyName) found.push(['renamed', 'somebody renamed it; it works all the same']);
  return found;
}
