import type { Limits } from '@federation-agent/contracts';
import type { Clock } from '@federation-agent/base';
import { dispositionOf } from '@federation-agent/broker';

export interface AgainOptions {
  /** Epoch ms: nothing is begun after it. */
  readonly until: number;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'publishRetry'>;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/**
 * Again every `limits.publishRetry` while the broker is away. It is tried once at least.
 *
 * @throws the last error when there is no time for another try, the signal came, or again is no use
 */
export async function again<T>(
  attempt: () => Promise<T>,
  { until, clock, limits, signal }: AgainOptions,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const late = clock.now() + limits.publishRetry >= until;
      if (late || signal?.aborted || dispositionOf(error) !== 'retryable') throw error;
    }
    await clock.sleep(limits.publishRetry, signal);
  }
}
