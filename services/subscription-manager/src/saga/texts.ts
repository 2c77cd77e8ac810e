/** What a publisher reads in the APIM console: what happened, and what to do. It never has a secret. */
import { routingKeys, type SubscriptionRecord } from '@federation-agent/contracts';
import type { SubscribeOrder } from './events.ts';
import { keyNamePrefix } from './names.ts';

/** Where an operator finds what to do, and reports what was done. */
export const operatorHint = 'GET /_node/subscriptions of this agent says how';

const again = 'accept the subscription again to retry';

export const texts = {
  otherPlan: (record: SubscriptionRecord): string =>
    `this subscription has an API key in the usage plan ${record.usagePlanId} already; unsubscribe first: close the subscription there, then subscribe to the other plan`,
  lifeOver: 'the subscription was closed, or its API key removed, while this request was under way; ' + again,
  refused: (reason: string): string =>
    `AWS did not create the API key: ${reason}; when that is solved, ${again}`,
  importDenied: (record: SubscriptionRecord, reason: string): string =>
    `an API key may have been made whose id AWS does not tell: ${reason}; allow apigateway:POST on /apikeys, or delete by hand the key whose name starts with "${prefix(record)}" in ${place(record)}; ${again}`,
  unreadable: (record: SubscriptionRecord, reason: string): string =>
    `AWS says that it made the API key, in an answer that cannot be read: ${reason}; find out what answers in the place of AWS in ${place(record)}, delete by hand the keys whose name starts with "${prefix(record)}"; ${again}`,
  notAttached: (record: SubscriptionRecord, reason: string): string =>
    `the API key could not be put into the usage plan ${record.usagePlanId}: ${reason}; when that is solved, ${again}`,
  planGone: (order: SubscribeOrder): string =>
    `the usage plan ${order.route.usagePlanId} no longer exists in AWS; subscribe to another plan`,
  keyGone: (record: SubscriptionRecord): string =>
    `the API key ${record.keyId ?? ''} of this subscription no longer exists in AWS: somebody deleted it; accept the subscription again for a new one`,
  noKeyId: (graviteeSubscriptionId: string): string =>
    `the subscription ${graviteeSubscriptionId} names no API key (${routingKeys.apiKeyId} is missing): another agent made it. Delete its key in AWS by hand`,
  untouchable: (keyId: string, reason: string): string =>
    `the API key ${keyId} was not deleted: ${reason}; if it is to go, delete it in AWS by hand`,
  unresolved: (record: SubscriptionRecord): string =>
    `the id of an API key is unknown: delete by hand the key whose name starts with "${prefix(record)}" in ${place(record)}, then tell so: ${operatorHint}`,
} as const;

function prefix(record: SubscriptionRecord): string {
  return keyNamePrefix(record.graviteeSubscriptionId, record.life);
}

function place({ account, region }: SubscriptionRecord): string {
  return `account ${account}, region ${region}`;
}
