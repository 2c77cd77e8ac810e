import { BrokerUnavailableError, retryUntil } from '@federation-agent/broker';
import type { Discovery } from '../deps.ts';

/**
 * Repeats one call to the broker for `limits.brokerGrace`, so that a scan of minutes does not break off because the
 * broker was busy for a second or elected a new leader. An earlier try may have succeeded.
 *
 * @throws BrokerUnavailableError after that time
 */
export function retryBroker<T>(
  { clock, limits }: Pick<Discovery, 'clock' | 'limits'>,
  attempt: () => Promise<T>,
): Promise<T> {
  return retryUntil(attempt, {
    until: clock.now() + limits.brokerGrace,
    clock,
    limits,
    isWorthIt: (error) => error instanceof BrokerUnavailableError,
  });
}
