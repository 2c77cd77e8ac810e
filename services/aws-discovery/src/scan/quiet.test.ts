import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CatalogEntry } from '@federation-agent/contracts';
import { entry, limits, minute, settingsOf, start } from '../../test/samples.ts';
import { stageReadIntervals } from './quiet.ts';
import { dueAfter, parseSchedule } from './schedule.ts';

const hour = 60 * minute;
const day = 24 * hour;
const settings = settingsOf();

/** An API whose stage was last deployed at this time; AWS counts seconds. */
const deployedAt = (at: number, change: Partial<CatalogEntry> = {}): CatalogEntry =>
  entry({ stageCreatedAt: start / 1_000 - 1_000_000, stageUpdatedAt: at / 1_000, ...change });
const every = (entries: readonly CatalogEntry[], of = settings, now = start): number | undefined =>
  stageReadIntervals(now, of).intervalOf(entries);
const agedBy = (age: number): CatalogEntry => deployedAt(start - age);
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `api${index}`);

describe('the stages of an API are read', () => {
  test.each([
    ['at every scan when it has just changed', 0, undefined],
    ['at every scan for the first hours', 3 * hour - 1, undefined],
    ['then in steps that double', 3 * hour, 0.75 * hour],
    ['which are a quarter of its age at the most', 12 * hour - 1, 1.5 * hour],
    ['after 12 hours', 12 * hour, 3 * hour],
    ['after two days twice a day', 2 * day, 12 * hour],
    ['after a year too', 365 * day, 12 * hour],
  ])('%s', (_name, age, interval) => expect(every([agedBy(age)])).toBe(interval));

  test('by the stage that changed last', () =>
    expect(every([agedBy(9 * day), agedBy(hour)])).toBeUndefined());

  test('by what we saw, where AWS gives no dates', () => {
    const { stageCreatedAt: _created, stageUpdatedAt: _updated, ...undated } = entry();
    expect(every([{ ...undated, changedAt: start - 4 * hour }])).toBe(0.75 * hour);
    expect(every([{ ...undated, changedAt: start }])).toBeUndefined();
  });

  test.each([
    ['nothing is known of it', []],
    ['a stage was never seen', [agedBy(9 * day), deployedAt(start - 9 * day, { verified: false })]],
    ['the last read failed', [deployedAt(start - 9 * day, { degraded: { reason: 'x', since: start } })]],
    ['a stage is missing', [deployedAt(start - 9 * day, { missing: { since: start, reads: 1 } })]],
    ['its dates lie in the future', [agedBy(-day)]],
  ])('at every scan while %s', (_name, entries) => expect(every(entries)).toBeUndefined());

  test.each([
    [{ schedule: '7h' }, undefined],
    [{ schedule: '6h' }, 12 * hour],
    [{ schedule: '1d' }, undefined],
    [{ schedule: 'off' }, undefined],
    [{ schedule: '0 3 * * *' }, undefined],
    [{ stagesAtLeast: '15m' }, undefined],
    [{ stagesAtLeast: '1h' }, hour],
    [{ stagesAtLeast: '6 h' }, 6 * hour],
  ])('with %j every %s ms', (configuration, interval) =>
    expect(every([agedBy(365 * day)], settingsOf(configuration))).toBe(interval),
  );

  test('whenever it is unknown when they were read', () => {
    const { isDue } = stageReadIntervals(start, settings);
    expect(isDue('api1', [agedBy(9 * day)], undefined)).toBe(true);
    // A clock that went back.
    expect(isDue('api1', [agedBy(9 * day)], start + 1)).toBe(true);
    expect(isDue('api1', [agedBy(9 * day)], start)).toBe(false);
    expect(isDue('api1', [agedBy(9 * day)], start - 12 * hour)).toBe(true);
  });
});

/** Scans from `start` on by a schedule; `from` is that of the last one that was complete. */
function* scans(schedule: string, until: number, isComplete: (index: number) => boolean = () => true) {
  const parsed = parseSchedule(schedule, limits);
  let from = start - 15 * minute;
  let index = 0;
  for (let now = start; now < until; now = dueAfter(parsed, now, ((index * 7) % 10) / 10)) {
    yield { from, now, complete: isComplete(index) };
    if (isComplete(index)) from = now;
    index += 1;
  }
}

test('however old, by whatever schedule: no more than 18 hours between two reads, a day with a missed scan', () => {
  const schedules = fc.constantFrom(
    '15m',
    '20m',
    '1h',
    '5h',
    '6h',
    '7h',
    '12h',
    '0 8-18 * * 1-5',
    '*/50 * * * *',
  );
  const bounds = fc.constantFrom('12h', '11h', '3h', '15m');
  const property = fc.property(
    schedules,
    bounds,
    fc.integer({ min: 0, max: 30 * 24 * 60 }),
    fc.uuid(),
    fc.constantFrom(0, 2, 3, 9),
    (schedule, stagesAtLeast, ageMinutes, id, missEvery) => {
      const own = settingsOf({ schedule, stagesAtLeast });
      const entries = [agedBy(ageMinutes * minute)];
      let [last, longest, gap, before] = [start, 0, 0, start];
      for (const { from, now, complete } of scans(
        schedule,
        start + 8 * day,
        (index) => missEvery === 0 || index % missEvery > 0,
      )) {
        gap = Math.max(gap, now - before);
        before = now;
        if (!complete || !stageReadIntervals(now, own).isDue(id, entries, from)) continue;
        longest = Math.max(longest, now - last);
        last = now;
      }
      // When the scans themselves are further apart, each of them reads everything.
      const bound = missEvery === 0 ? Math.max(18 * hour, gap) : Math.max(day, 2 * gap);
      expect(longest).toBeLessThanOrEqual(bound + 2 * minute);
    },
  );
  fc.assert(property, { numRuns: 60 });
});

test('the reads of 1,000 old APIs are spread evenly over the scans of half a day', () => {
  const shares = [...scans('15m', start + 12 * hour)].map(({ from, now }) => {
    const { isDue } = stageReadIntervals(now, settings);
    return ids(1_000).filter((id) => isDue(id, [agedBy(9 * day)], from)).length;
  });
  const mean = 1_000 / 48;
  expect(Math.max(...shares)).toBeLessThanOrEqual(2 * mean);
  expect(Math.min(...shares)).toBeGreaterThan(0);
});

describe('a day of scans of 1,320 APIs', () => {
  const apis = ids(1_320);
  /** GetStages that the 96 scans of a day make; the first so many APIs are deployed on the way, one after the other. */
  function getStagesOf(configuration: object, deployed = 0): number {
    const own = settingsOf(configuration);
    const known = new Map(apis.map((id) => [id, agedBy(30 * day)]));
    let calls = 0;
    for (let scan = 0; scan < 96; scan += 1) {
      const now = start + scan * 15 * minute;
      const { isDue } = stageReadIntervals(now, own);
      for (const [index, id] of apis.entries()) {
        if (!isDue(id, [known.get(id) ?? entry()], now - 15 * minute)) continue;
        calls += 1;
        const at = start + (index * day) / deployed;
        if (index < deployed && at <= now) known.set(id, deployedAt(at));
      }
    }
    return calls;
  }

  test('costs what docs/operate/scale.md says', async () => {
    const text = await readFile(new URL('../../../../docs/operate/scale.md', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/^\| [^|]*1,320[^|]*\| ([\d,]+) +\|/gmu)].map(([, calls = '']) =>
      Number(calls.replaceAll(',', '')),
    );
    const counted = [getStagesOf({ stagesAtLeast: '15m' }), getStagesOf({}), getStagesOf({}, 50)];
    expect(documented).toEqual(counted);
  });

  test('is what the metric expects', () => {
    const { readsPerDay } = stageReadIntervals(start, settings);
    expect(readsPerDay(apis.map(() => [agedBy(30 * day)]))).toBe(getStagesOf({}));
    expect(readsPerDay([[], [agedBy(0)], [agedBy(30 * day)]])).toBe(96 + 96 + 2);
    expect(stageReadIntervals(start, settingsOf({ schedule: 'off' })).readsPerDay([[]])).toBe(0);
    expect(stageReadIntervals(start, settingsOf({ schedule: '*/30 * * * *' })).readsPerDay([[]])).toBe(48);
    expect(stageReadIntervals(start, settingsOf({ schedule: '10s' })).readsPerDay([[]])).toBe(8_640);
  });
});
