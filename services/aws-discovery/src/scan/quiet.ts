/**
 * Which APIs a scan may skip. GetStages takes one API per call, and most APIs have not changed for long. Pure, and
 * without stored state: a scan that finds nothing new writes nothing.
 *
 * The stages of an API are read in intervals of `stagesAtLeast` / 2^k, at most a quarter of the time since their last
 * change. The API's id shifts the start of the intervals, which spreads the reads over the scans. Every interval ends
 * where one of half its length ends too, so an API whose interval grows is never skipped for longer than its interval
 * and one scan.
 */
import { createHash } from 'node:crypto';
import type { CatalogEntry } from '@federation-agent/contracts';
import type { IntegrationSettings } from '../settings.ts';
import type { Schedule } from './schedule.ts';

const day = 24 * 60 * 60_000;
/**
 * The interval is at most this part of the time since the last change: an API that changed recently may change again.
 */
const partOfAge = 1 / 4;
/**
 * An interval of fewer scans would skip too little to matter. With this, two intervals and a missed scan stay below a
 * day.
 */
const scansApart = 2;
/** How many runs of a schedule are counted; the rest of the day is estimated from them. */
const runsCounted = 1_000;

/** The parts of an entry that decide how often its stage is read. */
export type StageAge = Pick<
  CatalogEntry,
  'verified' | 'degraded' | 'missing' | 'stageCreatedAt' | 'stageUpdatedAt' | 'changedAt'
>;

export interface StageReadIntervals {
  /**
   * How often the stages of one API are read, ms; undefined: at every scan.
   *
   * @param entries the entries of the API
   */
  readonly intervalOf: (entries: readonly StageAge[]) => number | undefined;
  /**
   * Whether a scan at this time must read the stages of the API.
   *
   * @param from epoch ms: when the last scan began that read everything that was due; undefined: unknown
   */
  readonly isDue: (restApiId: string, entries: readonly StageAge[], from: number | undefined) => boolean;
  /**
   * How many GetStages calls the scans make in a day. @param apis the entries of each API in scope; empty for an API
   * without
   */
  readonly readsPerDay: (apis: Iterable<readonly StageAge[]>) => number;
}

/** @param now epoch ms */
export function stageReadIntervals(
  now: number,
  { schedule, stagesAtLeast }: Pick<IntegrationSettings, 'schedule' | 'stagesAtLeast'>,
): StageReadIntervals {
  const next = schedule.next(now);
  // Without a schedule somebody requested every scan.
  const shortest = next === undefined ? Infinity : scansApart * (next - now);

  const intervalOf = (entries: readonly StageAge[]): number | undefined => {
    if (entries.length === 0 || entries.some(isUncertain)) return undefined;
    const longest = (now - Math.max(...entries.map(lastChange))) * partOfAge;
    let interval = stagesAtLeast;
    while (interval > longest && interval >= shortest) interval /= 2;
    return interval >= shortest ? interval : undefined;
  };

  return {
    intervalOf,
    isDue: (restApiId, entries, from) => {
      const interval = intervalOf(entries);
      if (interval === undefined || from === undefined || from > now) return true;
      const shift = fractionOf(restApiId) * stagesAtLeast;
      const ended = (at: number): number => Math.floor((at - shift) / interval);
      return ended(now) > ended(from);
    },
    readsPerDay: (apis) => {
      const scans = runsPerDay(schedule, now);
      let reads = 0;
      for (const entries of apis) {
        const interval = intervalOf(entries);
        reads += interval === undefined ? scans : day / interval;
      }
      return Math.round(reads);
    },
  };
}

/** Whether the age of the last change says nothing about the stage. */
function isUncertain({ verified, degraded, missing }: StageAge): boolean {
  return !verified || degraded !== undefined || missing !== undefined;
}

/** Epoch ms: the time that AWS tells, or else the time when we saw the change. */
function lastChange({ stageCreatedAt, stageUpdatedAt, changedAt }: StageAge): number {
  const dates = [stageCreatedAt, stageUpdatedAt].filter((date) => date !== undefined);
  return dates.length > 0 ? Math.max(...dates) * 1_000 : changedAt;
}

/** 0 <= x < 1, always the same for one id. */
function fractionOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32;
}

function runsPerDay(schedule: Schedule, now: number): number {
  let [at, runs] = [now, 0];
  while (at < now + day && runs < runsCounted) {
    const next = schedule.next(at);
    if (next === undefined) break;
    [at, runs] = [next, runs + 1];
  }
  return at > now ? (runs * day) / (at - now) : 0;
}
