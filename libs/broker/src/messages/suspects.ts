/**
 * Marks of messages that were delivered too often. Such a message gets a mark before it runs alone, and the mark is
 * deleted when the handler returns. So a mark that is found means that handling the message ended the process.
 */
import { buckets, Suspect } from '@federation-agent/contracts';
import type { Clock } from '@federation-agent/base';
import { dispositionOf } from '../errors.ts';
import type { Broker } from '../broker.ts';
import { openBucket } from '../buckets/bucket.ts';

export interface Suspects {
  has(key: string): Promise<boolean>;
  mark(key: string): Promise<void>;
  /** Tries for a while: a mark that stays would make an innocent message a dead letter. */
  clear(key: string): Promise<void>;
}

const attempts = 50;

/** @throws BrokerUnavailableError from each call */
export async function openSuspects(broker: Broker, instance: string, clock: Clock): Promise<Suspects> {
  const bucket = await openBucket(broker, buckets.suspects, Suspect);
  return {
    has: async (key) => (await bucket.get(key)) !== undefined,
    mark: async (key) => {
      await bucket.put(key, { instance, at: clock.now() });
    },
    clear: async (key) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await bucket.purge(key);
          return;
        } catch (error) {
          if (dispositionOf(error) !== 'retryable' || attempt === attempts) throw error;
          await clock.sleep(broker.limits.publishRetry);
        }
      }
    },
  };
}
