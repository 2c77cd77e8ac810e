/** How long a message is offered while APIM accepts nothing of it. Pure. */
import type { Limits } from '@federation-agent/contracts';
import type { TotalRefusal } from './offer.ts';

/** For one message, from its first refusal on. */
export interface RetryPauses {
  /** Milliseconds until it is offered again; undefined: it was offered long enough. */
  next(standing: TotalRefusal, now: number): number | undefined;
}

/**
 * Doubles the pauses up to half a minute. While APIM's database is away, the message is offered for `ingestRetryFor`.
 * When APIM answers but refuses every API, that is more likely final: `ingestRefusedRetryFor`, which is longer than the
 * failover of a database.
 */
export function createRetryPauses(limits: Limits): RetryPauses {
  let attempt = 0;
  let since: number | undefined;
  let doubted: number | undefined;
  return {
    next: (standing, now) => {
      since ??= now;
      doubted = standing === 'nothing' ? (doubted ?? now) : undefined;
      if (now - since >= limits.ingestRetryFor) return undefined;
      if (doubted !== undefined && now - doubted >= limits.ingestRefusedRetryFor) return undefined;
      const pause = Math.min(limits.backOffFirst * 2 ** attempt, limits.ingestRetryCap);
      attempt += 1;
      return pause;
    },
  };
}
