/** Calls to the broker. Every answer that means "not now" becomes one error class. */
import { BrokerUnavailableError, isBrokerNotNow } from './errors.ts';

/** @throws BrokerUnavailableError for a time-out, no responders, a lost connection or a 5xx of the JetStream API */
export async function brokerCall<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isBrokerNotNow(error) ? new BrokerUnavailableError(`the broker did not ${what}`, error) : error;
  }
}

/** The error number of a JetStream API error, such as 10071; undefined for any other error. */
export function jetStreamErrorCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' && error.code >= 10_000 ? error.code : undefined;
}
