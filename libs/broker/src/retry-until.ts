import type { Clock } from '@federation-agent/base';
import type { Limits } from '@federation-agent/contracts';
import { dispositionOf } from './errors.ts';

export interface RetryOptions {
  /** Epoch ms: nothing is begun after it. */
  readonly until: number;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'publishRetry'>;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Which errors are worth another attempt; those with the disposition `retryable` when absent. */
  readonly isWorthIt?: (error: unknown) => boolean;
}

const isRetryable = (error: unknown): boolean => dispositionOf(error) === 'retryable';

/**
 * Another attempt every `limits.publishRetry` while the broker is away. There is one at least.
 *
 * @throws the last error when there is no time for another attempt, the signal came, or none is worth it
 */
export async function retryUntil<T>(
  attempt: () => Promise<T>,
  { until, clock, limits, signal, isWorthIt = isRetryable }: RetryOptions,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const late = clock.now() + limits.publishRetry >= until;
      if (late || signal?.aborted || !isWorthIt(error)) throw error;
    }
    await clock.sleep(limits.publishRetry, signal);
  }
}
