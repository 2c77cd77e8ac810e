/**
 * Which REST APIs a scan may leave alone: GetStages takes one API at a time, and most of them have not changed for long.
 * Pure, and without a state of its own: a scan that finds nothing new writes nothing.
 *
 * The stages of an API are read in intervals of `stagesAtLeast` / 2^k, a quarter of the time for which they have not changed
 * at the most. Its id shifts where the intervals begin, so that the reads are spread over the scans. An interval ends where
 * one of half its length ends too: one that grows older is never left alone for longer than its interval and one scan.
 */
import { createHash } from 'node:crypto';
import type { CatalogEntry } from '@federation-agent/contracts';
import type { IntegrationSettings } from '../settings.ts';
import type { Schedule } from './schedule.ts';

const day = 24 * 60 * 60_000;
/** The interval is this part of the time since the last change, or less: what changed a while ago may change again. */
const partOfAge = 1 / 4;
/** An interval of fewer scans leaves nothing out worth naming; so two intervals and a missed scan are below a day. */
const scansApart = 2;
/** Runs of a schedule that are counted; the rest of the day is taken for alike. */
const runsCounted = 1_000;

/** What of an entry tells how often its stage is read. */
export type StageAge = Pick<
  CatalogEntry,
  'verified' | 'degraded' | 'missing' | 'stageCreatedAt' | 'stageUpdatedAt' | 'changedAt'
>;

export interface Quiet {
  /**
   * How often the stages of one API are read, ms; undefined: at every scan.
   *
   * @param entries those of the API
   */
  readonly intervalOf: (entries: readonly StageAge[]) => number | undefined;
  /**
   * Whether a scan at this time must read the stages of the API.
   *
   * @param from epoch ms: when the last scan began that read all it had to; undefined: unknown
   */
  readonly isDue: (restApiId: string, entries: readonly StageAge[], from: number | undefined) => boolean;
  /** GetStages that the scans of a day make. @param apis the entries of each API in scope, none for one without */
  readonly readsPerDay: (apis: Iterable<readonly StageAge[]>) => number;
}

/** @param now epoch ms */
export function quietAt(
  now: number,
  { schedule, stagesAtLeast }: Pick<IntegrationSettings, 'schedule' | 'stagesAtLeast'>,
): Quiet {
  const next = schedule.next(now);
  // Without a schedule every scan is one that somebody asked for.
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

/** What is there cannot be told by its age. */
function isUncertain({ verified, degraded, missing }: StageAge): boolean {
  return !verified || degraded !== undefined || missing !== undefined;
}

/** Epoch ms: as AWS says, and where it says nothing as we saw. */
function lastChange({ stageCreatedAt, stageUpdatedAt, changedAt }: StageAge): number {
  const dates = [stageCreatedAt, stageUpdatedAt].filter((date) => date !== undefined);
  return dates.length > 0 ? Math.max(...dates) * 1_000 : changedAt;
}

/** 0 <= x < 1, the same for ever. */
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
