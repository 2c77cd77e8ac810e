/**
 * The only way to change a record: read, `transition`, compare-and-set. When another replica was quicker, it reads
 * again and decides again.
 */
import {
  apiUniqueId,
  type EventActor,
  type EventOutcome,
  subscriptionKeys,
  type SubscriptionRecord,
} from '@federation-agent/contracts';
import { ContendedRecordError, type Entry, publishEvent } from '@federation-agent/broker';
import type { SagaEvent, SeenGate, Step } from './events.ts';
import { brokerNow, type Saga } from './saga.ts';
import { transition } from './transition.ts';

type RecordEntry = Entry<SubscriptionRecord>;

/** What a step left behind: the record as it is now, and what to do. */
export interface Applied extends Step {
  readonly current: RecordEntry | undefined;
}

/** An event that has happened, or a function that makes one from the record as just read. */
export type EventSource = SagaEvent | ((record: SubscriptionRecord | undefined) => Promise<SagaEvent>);

/** Conflicts are short: another replica wrote between our read and our write. */
const conflictPause = 20;
/** A write may fail this often. More than that means that somebody writes without end. */
const mostConflicts = 100;

/**
 * Applies an event to the record.
 *
 * A write whose answer is lost throws, and the caller must not apply the event again: a definite answer would lower
 * `openCalls` twice. The caller looks at the record instead. A call that then stays counted costs only a purge.
 *
 * @param known the record as the caller saw it last, so that it is not read again. An event that has happened meanwhile
 *   is decided on it only when that leads to a write, which fails when the record has changed.
 * @param by who makes it happen, for the audit trail
 * @throws BrokerUnavailableError: the change may have been written; ContendedRecordError: it was not written
 */
export async function apply(
  saga: Saga,
  key: string,
  source: EventSource,
  known?: RecordEntry,
  by: EventActor = { kind: 'agent' },
): Promise<Applied> {
  let entry = known ?? (await saga.records.get(key));
  let read = known === undefined;
  for (let conflicts = 0; conflicts < mostConflicts;) {
    const looks = typeof source === 'function';
    const event = looks ? await source(entry?.value) : source;
    const step = transition(entry?.value, event, saga.limits);
    if (step.record !== undefined) {
      const revision = entry
        ? await saga.records.update(key, step.record, entry.revision)
        : await saga.records.create(key, step.record);
      if (revision !== undefined) {
        reportTransition(saga, entry?.value, step.record, { row: step.row, by });
        return { ...step, current: { key, value: step.record, revision } };
      }
      conflicts += 1;
      await saga.clock.sleep(saga.random.fraction() * conflictPause);
    } else if (read || looks) return { ...step, current: entry };
    entry = await saga.records.get(key);
    read = true;
  }
  throw new ContendedRecordError(saga.records.name, key);
}

/** The gate of a command; undefined: nobody wrote it. */
export async function readGate(saga: Saga, commandId: string): Promise<SeenGate> {
  return (await saga.gates.get(subscriptionKeys.gate(commandId)))?.value;
}

/** The key of a record. A sealed value opens only under this key. */
export function recordKey({
  integrationId,
  graviteeSubscriptionId,
}: Pick<SubscriptionRecord, 'integrationId' | 'graviteeSubscriptionId'>): string {
  return subscriptionKeys.record(integrationId, graviteeSubscriptionId);
}

function reportTransition(
  saga: Saga,
  before: SubscriptionRecord | undefined,
  after: SubscriptionRecord,
  { row, by }: { readonly row: string; readonly by: EventActor },
): void {
  saga.metrics.transitions.inc({ row });
  if (before?.state === after.state && before.life === after.life) return;
  const { integrationId, graviteeSubscriptionId, state, life, keyId, usagePlanId, note } = after;
  saga.telemetry.log.info(
    { integrationId, graviteeSubscriptionId, state, from: before?.state, life, keyId, row, note },
    `subscription: ${before?.state ?? 'none'} -> ${state}`,
  );
  const { account, region, restApiId, stage } = after;
  publishEvent(saga.broker, 'subscription', {
    at: brokerNow(saga),
    integrationId,
    actor: by,
    outcome: outcomeOf(before, after),
    graviteeSubscriptionId,
    ...(before && { from: before.state }),
    state,
    life,
    account,
    region,
    uniqueId: apiUniqueId({ account, region, restApiId, stage }),
    usagePlanId,
    ...(keyId !== undefined && { apiKeyId: keyId }),
    ...(note !== undefined && { detail: note }),
  });
}

/** A life that ends before APIM had its key has failed. */
function outcomeOf(before: SubscriptionRecord | undefined, { state }: SubscriptionRecord): EventOutcome {
  if (state === 'unconfirmed') return 'unknown';
  if (state === 'unresolved') return 'failed';
  const unfinished = before?.state === 'intent' || before?.state === 'created';
  return unfinished && state === 'revoking' ? 'failed' : 'ok';
}
