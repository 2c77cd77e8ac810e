/**
 * The budget of one account and region as pure steps over its record (GCRA: a virtual schedule). All times are broker
 * time, epoch ms. A call that is granted at `t` has a nominal time in `[t - (burst - 1) / rate, t]`, and nominal times
 * are `1 / rate` apart, whoever asks and however far ahead: so no window of w seconds holds more than `w * rate +
 * burst` calls.
 */
import type { BudgetRecord } from '@federation-agent/contracts';

/** What one agent has configured for this target, and the durations of the limits. */
export interface BudgetConfig {
  /** Calls per second. */
  readonly rate: number;
  /** Calls at once. */
  readonly burst: number;
  /** `limits.budgetRecovery` */
  readonly recovery: number;
}

/** AWS has a quota of its own for each of these. An import of a key goes with the creates. */
export type KeyCall = 'create' | 'delete';

/** What a call needs. */
export interface SlotRequest {
  /** Creates or deletes a key: takes a second token, from a schedule of its own. */
  readonly keys: KeyCall | undefined;
  /** How far ahead it may reserve, ms: 0 takes only what is due. */
  readonly ahead: number;
}

/** The call may go at `at`, once `record` is written; or nothing is written and it is worth asking again at `until`. */
export type BudgetStep =
  | { readonly granted: true; readonly at: number; readonly record: BudgetRecord }
  | { readonly granted: false; readonly until: number; readonly record: BudgetRecord };

/**
 * AWS: CreateApiKey and DeleteApiKey 5/s each. One at a time, since AWS's burst is not known, and never quite as fast.
 */
const keysRate = 4.9;
const scheduleOf = { create: 'keysTat', delete: 'deletesTat' } as const satisfies Record<
  KeyCall,
  keyof BudgetRecord
>;
/** A 429 never slows below this: others may hold the account's 10/s for long, and a scan must still end. */
const lowestRate = 0.25;
/** The longest Retry-After that is believed for everybody. */
const longestPause = 30_000;
/** No reservation lies further ahead than this: a record that says so was written by a host whose clock was wrong. */
const furthest = 60_000;
/** Whoever configured the lowest rate is forgotten after so long without a call. */
const configuredMemory = 3_600_000;

/** The record as it stands at `now`: a new one, with the lowest configured rate, and grown back where no 429 came. */
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

/** Takes a slot, or says when to ask again. */
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

/** A 429. `sentAt`: when the call was sent; the calls that were under way together halve the rate once. */
export interface Throttling {
  readonly keys: KeyCall | undefined;
  readonly sentAt: number;
  readonly retryAfterMs?: number | undefined;
}

/**
 * The record after a 429: half the rate for everybody, and nobody before Retry-After. On a call that creates or deletes
 * a key it is most likely AWS's own 5/s for those: the shared rate stays.
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
  const halves = sentAt > record.rateChangedAt;
  return {
    ...record,
    tat: Math.max(record.tat, pauseUntil),
    rate: halves ? Math.min(record.rate, Math.max(lowestRate, record.rate / 2)) : record.rate,
    rateChangedAt: halves ? now : record.rateChangedAt,
  };
}
