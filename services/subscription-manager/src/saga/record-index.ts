/**
 * What the sweeper knows of every record, kept up to date by a watch. It reads a record only when there may be
 * something to do: reading all of them at every sweep would cost the more, the more subscriptions there are.
 */
import type { Limits, SubscriptionRecord } from '@federation-agent/contracts';
import { BrokerUnavailableError } from '@federation-agent/broker';
import type { Saga } from './saga.ts';

/** One record, as the sweeper needs it. */
export interface IndexedRecord {
  readonly integrationId: string;
  readonly graviteeSubscriptionId: string;
  readonly state: SubscriptionRecord['state'];
  /** Epoch ms, the broker's clock: until then a live UNSUBSCRIBE, or its redelivery, deletes the key. */
  readonly sweepFrom?: number;
  /** Epoch ms, the broker's clock: from then on a sweep has nothing to do. Absent: no sweep has anything to do. */
  readonly sweepUntil?: number;
  /** It has a key of unknown id, of this life or an earlier one. */
  readonly unresolved: boolean;
  /** The name of the sealing key of its value, when that key is not configured here. */
  readonly unknownSealingKey?: string;
}

export interface RecordIndex {
  /** By key. @throws BrokerUnavailableError while the records cannot be read */
  records(): ReadonlyMap<string, IndexedRecord>;
  stop(): Promise<void>;
}

/** Reads every record once. It returns at the latest after the time of three calls, and goes on reading then. */
export async function openRecordIndex(saga: Saga, signal: AbortSignal): Promise<RecordIndex> {
  const { broker, clock, limits } = saga;
  const known = new Map<string, IndexedRecord>();
  let trouble: string | undefined = 'they have not been read yet';
  const watching = saga.records.watch(
    undefined,
    ({ key, value }) => {
      if (value) known.set(key, indexed(saga, value));
      else known.delete(key);
    },
    { onTrouble: (found) => void (trouble = found?.reason) },
  );
  const enough = new AbortController();
  const patience = AbortSignal.any([signal, enough.signal]);
  await Promise.race([watching, clock.sleep(3 * limits.brokerCall, patience)]);
  enough.abort();
  return {
    records: () => {
      const why = broker.connected() ? trouble : 'there is no connection to the broker';
      if (why !== undefined) throw new BrokerUnavailableError(`the records cannot be read: ${why}`);
      return known;
    },
    stop: async () => {
      await (await watching).stop();
    },
  };
}

function indexed({ sealer, limits }: Saga, record: SubscriptionRecord): IndexedRecord {
  const { integrationId, graviteeSubscriptionId, state, strandedValues, value } = record;
  const sweepFrom = sweepFromOf(record, limits);
  const sweepUntil = sweepUntilOf(record, limits.tombstone);
  return {
    integrationId,
    graviteeSubscriptionId,
    state,
    unresolved: state === 'unresolved' || strandedValues.length > 0,
    ...(sweepFrom !== undefined && { sweepFrom }),
    ...(sweepUntil !== undefined && { sweepUntil }),
    ...(value && !sealer.knows(value) && { unknownSealingKey: value.key }),
  };
}

/**
 * From when a sweep deletes a key that an UNSUBSCRIBE gave up. Before, the command itself does, in whatever replica; a
 * second delete would only take from AWS's rate. Pure.
 */
export function sweepFromOf(
  { state, unsubscribed, changedAt }: Pick<SubscriptionRecord, 'state' | 'unsubscribed' | 'changedAt'>,
  { commandDeadline, attemptGrace }: Pick<Limits, 'commandDeadline' | 'attemptGrace'>,
): number | undefined {
  return state === 'revoking' && unsubscribed !== undefined
    ? changedAt + commandDeadline + attemptGrace
    : undefined;
}

/** Until when a sweep may have something to do. Pure. */
export function sweepUntilOf(
  { state, attempts }: Pick<SubscriptionRecord, 'state' | 'attempts'>,
  tombstone: number,
): number | undefined {
  if (state === 'revoked' || state === 'unresolved') return undefined;
  if (state !== 'held') return Infinity;
  // Another attempt's gate may still become final. After a day nobody needs that any more.
  const open = attempts.filter(({ outcome }) => outcome === undefined);
  return open.length === 0 ? undefined : Math.max(...open.map(({ deadline }) => deadline)) + tombstone;
}
