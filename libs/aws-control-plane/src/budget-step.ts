/**
 * The budget of one account and region, as pure steps over its record (GCRA: a virtual schedule). All times are broker
 * time, epoch ms. A call that is granted at `t` has a nominal time in `[t - (burst - 1) / rate, t]`. Nominal times are
 * `1 / rate` apart, whoever asks and however far ahead. So no window of w seconds holds more than `w * rate + burst`
 * calls.
 */
import type { BudgetRecord } from '@federation-agent/contracts';

/** What one agent has configured for this target, and the durations it needs. */
export interface BudgetConfig {
  /** Calls per second. */
  readonly rate: number;
  /** Calls at once. */
  readonly burst: number;
  /** `limits.budgetRecovery` */
  readonly recovery: number;
}

/** AWS has a separate quota for each of these. An import of a key counts as a create. */
export type KeyCall = 'create' | 'delete';

/** What a call needs. */
export interface SlotRequest {
  /** The call creates or deletes a key: it takes a second token, from a separate schedule. */
  readonly keys: KeyCall | undefined;
  /** How far ahead the call may reserve, ms; 0 takes only a slot that is due. */
  readonly ahead: number;
}

/** Granted: the call may go at `at`, once `record` is written. Otherwise nothing is written; ask again at `until`. */
export type BudgetStep =
  | { readonly granted: true; readonly at: number; readonly record: BudgetRecord }
  | { readonly granted: false; readonly until: number; readonly record: BudgetRecord };

/**
 * AWS allows 5/s for CreateApiKey and for DeleteApiKey. One at a time, because AWS's burst is not known, and a little
 * slower.
 */
const keysRate = 4.9;
const scheduleOf = { create: 'keysTat', delete: 'deletesTat' } as const satisfies Record<
  KeyCall,
  keyof BudgetRecord
>;
/** A 429 never slows below this: others may use up the account's 10/s for long, and a scan must still end. */
const lowestRate = 0.25;
/**
 * So long after a halving another 429 says nothing about the new rate: AWS's bucket is still empty from before. Else a
 * storm of two seconds would bring the rate down to its lowest, and it would take minutes to grow back.
 */
const halvingPause = 1_000;
/** The longest Retry-After that is applied to everybody. */
const longestPause = 30_000;
/**
 * Reservations never go further ahead than this: a record with a later one was written by a host with a wrong clock.
 */
const furthest = 60_000;
/** Without a call for this long, a lower configured rate is forgotten. */
const configuredMemory = 3_600_000;

/**
 * The record at `now`: a new one, with the lowest configured rate, and with a rate that has grown back since the last
 * 429.
 */
export function currentBudget(
  record: BudgetRecord | undefined,
  now: number,
  config: BudgetConfig,
): BudgetRecord {
  const known = record?.configured;
  const configured =
    known === undefined || config.rate <= known.rate || now - known.at > configuredMemory
      ? { rate: config.rate, at: now }
      : known;
  const ceiling = configured.rate;
  if (record === undefined)
    return { tat: 0, keysTat: 0, deletesTat: 0, rate: ceiling, rateChangedAt: 0, configured };
  const periods = Math.max(0, Math.floor((now - record.rateChangedAt) / config.recovery));
  const grown = record.rate < ceiling && periods > 0;
  return {
    tat: Math.min(record.tat, now + furthest),
    keysTat: Math.min(record.keysTat, now + furthest),
    deletesTat: Math.min(record.deletesTat, now + furthest),
    rate: Math.min(ceiling, grown ? record.rate + (ceiling / 10) * periods : record.rate),
    rateChangedAt: grown
      ? record.rateChangedAt + periods * config.recovery
      : Math.min(record.rateChangedAt, now),
    configured,
  };
}

/** Takes a slot, or tells when to ask again. */
export function takeSlot(
  before: BudgetRecord | undefined,
  now: number,
  config: BudgetConfig,
  ask: SlotRequest,
): BudgetStep {
  const record = currentBudget(before, now, config);
  const interval = 1_000 / record.rate;
  const own = ask.keys && scheduleOf[ask.keys];
  const at = Math.max(now, record.tat, own ? record[own] : 0);
  if (at - now > ask.ahead) return { granted: false, until: at - ask.ahead, record };
  const nominal = Math.max(record.tat, at - (config.burst - 1) * interval);
  return {
    granted: true,
    at,
    record: {
      ...record,
      tat: nominal + interval,
      ...(own && { [own]: at + 1_000 / keysRate }),
    },
  };
}

/**
 * A 429. `sentAt`: when the call was sent. Calls that are sent within a second of each other halve the rate only once.
 */
export interface Throttling {
  readonly keys: KeyCall | undefined;
  readonly sentAt: number;
  readonly retryAfterMs?: number | undefined;
}

/**
 * The record after a 429: half the rate for everybody, and no call before Retry-After. When the call creates or deletes
 * a key, the 429 is most likely about AWS's own 5/s for those, so the shared rate stays.
 */
export function slowDown(
  before: BudgetRecord | undefined,
  now: number,
  config: BudgetConfig,
  { keys, sentAt, retryAfterMs }: Throttling,
): BudgetRecord {
  const record = currentBudget(before, now, config);
  const pauseUntil = now + Math.min(retryAfterMs ?? (keys ? 1_000 : 0), longestPause);
  if (keys) {
    const own = scheduleOf[keys];
    return { ...record, [own]: Math.max(record[own], pauseUntil) };
  }
  const halves = sentAt >= record.rateChangedAt + halvingPause;
  return {
    ...record,
    tat: Math.max(record.tat, pauseUntil),
    rate: halves ? Math.min(record.rate, Math.max(lowestRate, record.rate / 2)) : record.rate,
    rateChangedAt: halves ? now : record.rateChangedAt,
  };
}
