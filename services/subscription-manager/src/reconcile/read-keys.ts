/** Reads API keys of AWS and judges them by the records. Every read of records comes after the read of AWS. */
import { AwsDenied, type ListedApiKey } from '@federation-agent/aws-control-plane';
import type {
  JudgedKey,
  KeyPage,
  KeyPlans,
  KeyTargets,
  SubscriptionRecord,
} from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import { UnreadableRecordError } from '@federation-agent/broker';
import type { KeyPlace } from '../saga/events.ts';
import { integrationInDescription, parseKeyName } from '../saga/names.ts';
import { recordKey } from '../saga/record.ts';
import { brokerNow, type Saga } from '../saga/saga.ts';
import { judge } from './judge.ts';

const recordsAtOnce = 16;
const plansAtOnce = 4;

/** The accounts and regions of an integration, and those that wait for their account. */
export async function keyTargets(
  saga: Saga,
  integrationId: string,
  signal: AbortSignal,
): Promise<KeyTargets> {
  const plane = saga.targets.planes.get(integrationId);
  const { ready, waiting } = (await plane?.targets(signal)) ?? { ready: [], waiting: [] };
  return {
    targets: ready.map(({ account, region }) => ({ account, region })),
    waiting: waiting.map(({ label, reason }) => `${label}: ${reason}`),
  };
}

/** @throws UnknownTargetError; AwsError, save for what the policy denies */
export async function keyPage(
  saga: Saga,
  place: KeyPlace,
  position: string | undefined,
  signal: AbortSignal,
): Promise<KeyPage> {
  const { reads } = await saga.targets.find(place.integrationId, place.account, place.region);
  try {
    const page = await reads.apiKeys({ ...(position !== undefined && { position }) }, 'scan', signal);
    const named = page.keys.filter(({ name }) => parseKeyName(name) !== undefined);
    return {
      keys: (await mapConcurrently(named, recordsAtOnce, (key) => judged(saga, place, key))).flat(),
      others: page.keys.filter(({ name }) => parseKeyName(name) === undefined).map(({ id }) => id),
      ...(page.position !== undefined && { position: page.position }),
    };
  } catch (error) {
    if (!(error instanceof AwsDenied)) throw error;
    const { action, resource } = error;
    return { denied: { action, resource } };
  }
}

/** GetUsagePlans(keyId) for each: the list of a plan's keys would come with the keys' values. */
export async function keyPlans(
  saga: Saga,
  place: KeyPlace,
  keyIds: readonly string[],
  signal: AbortSignal,
): Promise<KeyPlans> {
  const { reads } = await saga.targets.find(place.integrationId, place.account, place.region);
  const plans = await mapConcurrently(keyIds, plansAtOnce, async (keyId) => {
    const ofKey = await reads.usagePlansOfKey(keyId, 'scan', signal);
    return [keyId, ofKey.map(({ id }) => id)] as const;
  });
  return { plans: Object.fromEntries(plans) };
}

async function judged(saga: Saga, place: KeyPlace, key: ListedApiKey): Promise<JudgedKey[]> {
  const parsed = parseKeyName(key.name);
  if (parsed === undefined) return [];
  const { graviteeSubscriptionId, life } = parsed;
  const record = await readRecord(saga, { integrationId: place.integrationId, graviteeSubscriptionId });
  const { verdict, why } = judge({ key, place, life, record, now: brokerNow(saga), limits: saga.limits });
  const describedFor = integrationInDescription(key.description);
  return [
    {
      keyId: key.id,
      keyName: key.name,
      enabled: key.enabled,
      graviteeSubscriptionId,
      ...(describedFor !== undefined && { describedFor }),
      verdict,
      why,
    },
  ];
}

async function readRecord(
  saga: Saga,
  ids: Pick<SubscriptionRecord, 'integrationId' | 'graviteeSubscriptionId'>,
): Promise<SubscriptionRecord | 'unreadable' | undefined> {
  try {
    return (await saga.records.get(recordKey(ids)))?.value;
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    return 'unreadable';
  }
}
