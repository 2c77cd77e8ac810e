/** The budget of AWS calls: one record per (account, region), shared by all workers of both services. */
import { z } from 'zod';

/**
 * GCRA: `tat` is when the bucket next has its whole burst, in broker time (epoch ms, with fractions). `rate` is in
 * calls per second; a 429 halves it, at most once a second, and it grows back by a tenth of the configured rate every
 * 30 s without one.
 */
export const BudgetRecord = z.object({
  tat: z.number().nonnegative(),
  rate: z.number().positive(),
  rateChangedAt: z.number().nonnegative(),
  /** Separate schedules for creating and for deleting keys: AWS allows 5 a second of each. */
  keysTat: z.number().nonnegative(),
  deletesTat: z.number().nonnegative().default(0),
  /**
   * The lowest rate that anybody configured for this target, and when it was last seen: `rate` never grows above it.
   */
  configured: z.object({ rate: z.number().positive(), at: z.number().nonnegative() }),
});
export type BudgetRecord = z.output<typeof BudgetRecord>;

/** `<account>.<region>` */
export function budgetKey(account: string, region: string): string {
  return `${account}.${region}`;
}
