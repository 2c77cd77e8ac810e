/** Which subscription has a key. Asked before a key is deleted that is not that of the record at hand. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { Saga } from './saga.ts';

export interface Holders {
  /** By the keys of the bucket, as just read. */
  readonly records: ReadonlyMap<string, SubscriptionRecord>;
  /**
   * Why the key may be that of a subscription; undefined: it is nobody's.
   *
   * @param except the key of a record that does not count
   */
  whyHeld(keyId: string, except?: string): string | undefined;
}

/** Reads all records, of every integration. @throws BrokerUnavailableError */
export async function readHolders(saga: Pick<Saga, 'records'>): Promise<Holders> {
  const keys = await saga.records.keys();
  const entries = await saga.records.entries();
  const records = new Map(entries.map(({ key, value }) => [key, value]));
  return {
    records,
    whyHeld: (keyId, except) => {
      const holder = entries.find(
        ({ key, value }) => key !== except && value.keyId === keyId && value.state !== 'revoked',
      );
      if (holder) return `it belongs to the subscription ${holder.value.graviteeSubscriptionId}`;
      const unreadable = keys.find((key) => !records.has(key));
      return unreadable === undefined
        ? undefined
        : `it may belong to another subscription: the record ${unreadable} cannot be read`;
    },
  };
}
