/** The key `schedule`: an interval such as `15m`, a cron expression, or `off`. Pure: time is passed in. */
import { Cron } from 'croner';

export type ScheduleKey =
  | { readonly kind: 'off' }
  | { readonly kind: 'interval'; readonly ms: number }
  | {
      readonly kind: 'cron';
      /** Epoch ms of the first time after `time`, in the time zone of the process; undefined when there is none. */
      readonly next: (time: number) => number | undefined;
    };

/** Of a provider that configures none. */
export const defaultSchedule = '15m';

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const shortest = 10_000;
const longest = 366 * 86_400_000;

/** `15m`, `12 h` -> ms; undefined for anything else, and for less than 10 seconds or more than a year. */
export function readInterval(text: string): number | undefined {
  const { count, unit } = /^(?<count>\d+)\s*(?<unit>[smhd])$/iu.exec(text.trim())?.groups ?? {};
  if (count === undefined || unit === undefined) return undefined;
  const ms = Number(count) * (units[unit.toLowerCase()] ?? 0);
  return ms < shortest || ms > longest ? undefined : ms;
}

/**
 * @returns undefined when the text is none of the three, is below 10 seconds or above a year, or names a day that never
 * comes
 */
export function readSchedule(text: string): ScheduleKey | undefined {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'off') return { kind: 'off' };
  const ms = readInterval(trimmed);
  if (ms !== undefined) return { kind: 'interval', ms };
  // Five or six fields, or @daily and the like. croner would also accept a date, which comes only once.
  if (!/^(?:@\w+|\S+(?:\s+\S+){4,5})$/u.test(trimmed)) return undefined;
  try {
    const cron = new Cron(trimmed, { mode: '5-or-6-parts' });
    const next = (time: number): number | undefined => cron.nextRun(new Date(time))?.getTime();
    return next(0) === undefined ? undefined : { kind: 'cron', next };
  } catch {
    return undefined;
  }
}
