/** When a target is due: an interval such as `15m`, a cron expression, or `off`. Pure: time is passed in. */
import { readSchedule, realLimits, type Limits } from '@federation-agent/contracts';

export interface Schedule {
  /** Epoch ms of the run after `time`; undefined when it is off. */
  next(time: number): number | undefined;
  /** Whether two complete reads are a schedule apart, so that the second one proves more than the first. */
  apart(earlier: number, later: number): boolean;
}

/**
 * Reads the key `schedule`, which was checked with the configuration. Cron is in the time zone of the process.
 *
 * @throws RangeError when it is no schedule
 */
export function parseSchedule(text: string, limits: Limits): Schedule {
  const key = readSchedule(text);
  switch (key?.kind) {
    case undefined:
      throw new RangeError(`no schedule: ${text}`);
    case 'off':
      // A scan that is asked for still comes; a default gap keeps two of them in a row from being proof.
      return schedule(() => undefined, limits);
    case 'interval': {
      const ms = scaled(key.ms, limits);
      return schedule((time) => time + ms, limits);
    }
    case 'cron':
      return schedule(key.next, limits);
  }
}

/** Tests scale every duration, and those of keys with them. */
export function scaled(ms: number, { scanInterval }: Pick<Limits, 'scanInterval'>): number {
  return Math.max(1, Math.round((ms * scanInterval) / realLimits.scanInterval));
}

function schedule(next: Schedule['next'], limits: Limits): Schedule {
  return {
    next,
    apart: (earlier, later) => later >= (next(earlier) ?? earlier + limits.scanInterval),
  };
}

/**
 * The due time after a scan that started at `startedAt`: up to a tenth of the gap later than the schedule says, a minute
 * at the most, so that targets do not all start at once. Never earlier, so that two scheduled reads are a schedule apart.
 *
 * @param fraction 0 <= x < 1
 */
export function dueAfter(schedule: Schedule, startedAt: number, fraction: number): number {
  const next = schedule.next(startedAt);
  if (next === undefined) return never;
  return Math.round(next + fraction * Math.min(60_000, (next - startedAt) / 10));
}

/** A due time that never comes. */
export const never = Number.MAX_SAFE_INTEGER;
