import type { Clock } from '@federation-agent/base';
import type { Limits } from '@federation-agent/contracts';
import { dispositionOf } from './errors.ts';

export interface RetryOptions {
  /** Epoch ms: no attempt starts after it. */
  readonly until: number;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'publishRetry'>;
  /** Aborting it ends the retries early. */
  readonly signal?: AbortSignal;
  /** Which errors deserve another attempt; by default those with the disposition `retryable`. */
  readonly isWorthIt?: (error: unknown) => boolean;
}

const isRetryable = (error: unknown): boolean => dispositionOf(error) === 'retryable';

/**
 * Makes another attempt every `limits.publishRetry` while the broker is away. It makes at least one.
 *
 * @throws the last error when there is no time for another attempt, the signal was aborted, or the error deserves none
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
