/**
 * Deletes one key that an operator saw as an orphan. It is found and judged anew: AWS is read first, the records last,
 * right before the delete. Running it again is harmless.
 */
import { AwsError, type ListedApiKey, type Target } from '@federation-agent/aws-control-plane';
import type { OperatorAnswer, SubscriptionRecord } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { dispositionOf, publishEvent } from '@federation-agent/broker';
import { deleteKey } from '../saga/delete-key.ts';
import type { KeyPlace } from '../saga/events.ts';
import { readHolders } from '../saga/holders.ts';
import { keyNamePrefix, parseKeyName } from '../saga/names.ts';
import { applyOperatorAction } from '../saga/operator.ts';
import { recordKey } from '../saga/record.ts';
import { brokerNow, type Saga } from '../saga/saga.ts';
import { UnknownTargetError } from '../targets.ts';
import { judge } from './judge.ts';

export interface OrphanOrder extends KeyPlace {
  readonly keyId: string;
  /** As the operator saw it. */
  readonly keyName: string;
  /** Name of the operator. */
  readonly by: string;
}

/** How it ended: `outcome` is that of the event. */
type Ended =
  { readonly outcome: 'ok'; readonly says: string } | { readonly outcome: 'failed'; readonly says: string };

/** @throws BrokerUnavailableError, AwsError: the key may have been deleted; ask again */
export async function deleteOrphan(
  saga: Saga,
  order: OrphanOrder,
  signal: AbortSignal,
): Promise<OperatorAnswer> {
  const parsed = parseKeyName(order.keyName);
  if (parsed === undefined) return { status: 400, message: 'the agent gives no key such a name' };
  const { graviteeSubscriptionId } = parsed;
  const audit = auditOf(saga, order, graviteeSubscriptionId);
  try {
    const { outcome, says } = await tryToDelete(saga, order, parsed, signal);
    audit(says, outcome);
    return outcome === 'ok' ? { status: 200, body: { message: says } } : { status: 409, message: says };
  } catch (error) {
    const why = describeError(error);
    const refused = dispositionOf(error) !== 'retryable' && isExpected(error);
    audit(refused ? why : `not known: ${why}`, refused ? 'failed' : 'unknown');
    if (refused) return { status: 409, message: why };
    throw error;
  }
}

async function tryToDelete(
  saga: Saga,
  order: OrphanOrder,
  name: { readonly graviteeSubscriptionId: string; readonly life: number },
  signal: AbortSignal,
): Promise<Ended> {
  const { integrationId, account, region, keyId, keyName } = order;
  const place = { integrationId, account, region };
  const refused = (why: string): Ended => ({ outcome: 'failed', says: `the key ${keyId} stays: ${why}` });
  const target = await saga.targets.find(integrationId, account, region);
  const prefix = keyNamePrefix(name.graviteeSubscriptionId, name.life);
  const same = (await keysNamed(target, prefix, signal)).filter((one) => one.name === keyName);
  const key = same.find(({ id }) => id === keyId);
  if (key === undefined)
    return { outcome: 'ok', says: `the key ${keyId} is gone already, or has another name` };
  if (same.length > 1) return refused('AWS has several keys with this name, and the agent makes one');
  const plans = await target.reads.usagePlansOfKey(keyId, 'command', signal);

  const holders = await readHolders(saga);
  const recordId = recordKey({ integrationId, graviteeSubscriptionId: name.graviteeSubscriptionId });
  const record = holders.records.get(recordId);
  const held = holders.whyHeld(keyId, recordId);
  if (held !== undefined) return refused(held);
  const now = brokerNow(saga);
  const judgement = judge({ key, place, life: name.life, record, now, limits: saga.limits });
  if (judgement.verdict !== 'deletable') return refused(judgement.why);
  if (judgement.ifInNoPlan && plans.length > 0)
    return refused(`somebody put it into the usage plan ${plans.map(({ id }) => id).join(', ')}`);
  await deleteKey(saga, place, keyId, 'orphan', signal);
  const forgotten = record?.state === 'unresolved' && (await resolve(saga, record, order.by));
  const says = `the key ${keyId} was deleted: ${judgement.why}`;
  return { outcome: 'ok', says: forgotten ? `${says}; its subscription is resolved` : says };
}

async function keysNamed(
  { reads }: Target,
  namePrefix: string,
  signal: AbortSignal,
): Promise<readonly ListedApiKey[]> {
  const keys: ListedApiKey[] = [];
  let position: string | undefined;
  do {
    const query = { namePrefix, ...(position !== undefined && { position }) };
    const page = await reads.apiKeys(query, 'command', signal);
    keys.push(...page.keys);
    position = page.position;
  } while (position !== undefined);
  return keys;
}

/**
 * The word of an operator who deleted the key by its name. It covers earlier lives too, so not while they have keys.
 */
async function resolve(saga: Saga, record: SubscriptionRecord, by: string): Promise<boolean> {
  if (record.strandedValues.length > 0) return false;
  const said = await applyOperatorAction(saga, record, { action: 'resolved', by, seen: record.changedAt });
  return said.kind === 'said';
}

/** What AWS or the configuration refuses for good is an answer, and no defect. */
function isExpected(error: unknown): boolean {
  return error instanceof AwsError || error instanceof UnknownTargetError;
}

function auditOf(saga: Saga, { by, ...order }: OrphanOrder, graviteeSubscriptionId: string) {
  const { integrationId, account, region, keyId } = order;
  return (detail: string, outcome: 'ok' | 'failed' | 'unknown'): void => {
    saga.telemetry.log.info(
      { ...order, graviteeSubscriptionId, user: by, outcome },
      `an operator had an orphan deleted: ${detail}`,
    );
    publishEvent(saga.broker, 'operator', {
      at: brokerNow(saga),
      integrationId,
      actor: { kind: 'operator', name: by },
      outcome,
      what: 'delete-key',
      graviteeSubscriptionId,
      apiKeyId: keyId,
      account,
      region,
      detail,
    });
  };
}
