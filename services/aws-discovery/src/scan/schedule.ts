/** When a target is due: an interval such as `15m`, a cron expression, or `off`. Pure: time is passed in. */
import { readSchedule, realLimits, type Limits } from '@federation-agent/contracts';

export interface Schedule {
  /** Epoch ms of the run after `time`; undefined when it is off. */
  next(time: number): number | undefined;
  /**
   * Whether two complete reads are at least a schedule interval apart, so that the second one proves more than the
   * first.
   */
  apart(earlier: number, later: number): boolean;
}

/**
 * Parses the key `schedule`, which was checked with the configuration. Cron uses the time zone of the process.
 *
 * @throws RangeError when the text is not a schedule
 */
export function parseSchedule(text: string, limits: Limits): Schedule {
  const key = readSchedule(text);
  switch (key?.kind) {
    case undefined:
      throw new RangeError(`not a schedule: ${text}`);
    case 'off':
      // Requested scans still happen. The default interval applies, so that two of them in a row do not prove anything.
      return schedule(() => undefined, limits);
    case 'interval': {
      const ms = scaled(key.ms, limits);
      return schedule((time) => time + ms, limits);
    }
    case 'cron':
      return schedule(key.next, limits);
  }
}

/** Tests scale every duration, and those in configuration keys too. */
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
 * The due time after a scan that began at `readAt`: up to a tenth of the gap later than the schedule says, at most
 * a minute, so that targets do not all start at once. Never earlier, so that two scheduled reads are at least a
 * schedule interval apart.
 *
 * @param fraction 0 <= x < 1
 */
export function dueAfter(schedule: Schedule, readAt: number, fraction: number): number {
  const next = schedule.next(readAt);
  if (next === undefined) return never;
  return Math.round(next + fraction * Math.min(60_000, (next - readAt) / 10));
}

/** A due time that never comes. */
export const never = Number.MAX_SAFE_INTEGER;
