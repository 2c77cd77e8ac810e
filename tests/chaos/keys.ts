import type { AwsKey } from '../support/aws-peer.ts';
import type { Subscription } from './ledger.ts';
import type { Stack } from './stack.ts';

/** Whether the agent reports that it keeps a key although APIM may not hold it. */
export type Kept = (subscription: Subscription, key: KeyInRegion) => boolean;

/** A key of AWS and the region it is in. */
export type KeyInRegion = AwsKey & { readonly region: string };

export async function allKeys({ aws, landscape }: Stack): Promise<KeyInRegion[]> {
  const lists = landscape.regions.map(async ({ region }) =>
    (await aws.keys(region)).map((key) => ({ ...key, region })),
  );
  return (await Promise.all(lists)).flat();
}

/** The keys that the agent made for a subscription; their names say which. */
export function keysOf({ id }: Subscription, keys: readonly KeyInRegion[]): KeyInRegion[] {
  return keys.filter(({ name }) => name.startsWith(`gravitee-${id}-`));
}

/**
 * What is wrong with the keys in AWS, one sentence each; empty when they are those that APIM holds.
 *
 * - Accepted: exactly one key, with that value, enabled, in that plan and no other.
 * - An UNSUBSCRIBE did not succeed: the same, or no key.
 * - Neither: no key. But when a SUBSCRIBE had no reply, one key may be kept because nobody can know
 *   (docs/subscription-saga.md), if `kept` says that the agent counts it.
 */
export function keyFaults(
  { landscape }: Stack,
  subscriptions: readonly Subscription[],
  keys: readonly KeyInRegion[],
  kept: Kept,
): string[] {
  const foreign = new Set(landscape.foreign.map(({ id }) => id));
  const lost = landscape.foreign.flatMap((before) => {
    const now = keys.find(({ id }) => id === before.id);
    const same =
      now?.value === before.value &&
      now.enabled === before.enabled &&
      String(now.planIds) === String(before.planIds);
    return same ? [] : [`the foreign key "${before.name}" was deleted or changed`];
  });
  const named = new Set(subscriptions.flatMap((one) => keysOf(one, keys)));
  const nobodys = keys
    .filter((key) => !foreign.has(key.id) && !named.has(key))
    .map(({ id, name }) => `key ${id} (${name}) belongs to no subscription`);
  return [...lost, ...nobodys, ...subscriptions.flatMap((one) => faultsOf(one, keysOf(one, keys), kept))];
}

function faultsOf(one: Subscription, keys: readonly KeyInRegion[], kept: Kept): string[] {
  const { id, granted, ending, unsure, offer } = one;
  const [key, ...more] = keys;
  const at = `subscription ${id}`;
  if (more.length > 0) return [`${at} has ${keys.length} keys: ${keys.map((each) => each.name).join(', ')}`];
  if (!granted) {
    if (!key) return [];
    if (unsure && kept(one, key)) return [];
    return [
      `${at} is not accepted, but has the key ${key.id} (${unsure ? 'a SUBSCRIBE had no reply' : 'all had one'})`,
    ];
  }
  if (!key) return ending ? [] : [`${at} is accepted, but its key is gone`];
  return [
    ...(key.value === granted.apiKey ? [] : [`${at} is accepted with another value than its key has`]),
    ...(key.enabled ? [] : [`${at}: its key is disabled`]),
    ...(String(key.planIds) === offer.planId
      ? []
      : [`${at}: its key is in the plans [${key.planIds.join(', ')}]`]),
  ];
}
