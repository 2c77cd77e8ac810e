import { BrokerUnavailableError, retryUntil } from '@federation-agent/broker';
import type { Discovery } from '../deps.ts';

/**
 * A scan of minutes does not break off because the broker was busy for a second, or a new leader was elected: one question to
 * it is repeated for `limits.brokerGrace`. What was asked for may have been done before.
 *
 * @throws BrokerUnavailableError after that
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
