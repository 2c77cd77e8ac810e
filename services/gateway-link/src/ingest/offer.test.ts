import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Api, IngestPayload } from '@federation-agent/contracts';
import { offer, type RetryPacing, type RejectedApi, type TotalRefusal } from './offer.ts';

const api = (uniqueId: string) => ({ uniqueId }) as Api;
const message = (...apis: string[]): IngestPayload => ({
  ingestJobId: 'j',
  apis: apis.map(api),
  done: false,
});
const idsOf = ({ apis }: IngestPayload) => apis.map(({ uniqueId }) => uniqueId);
const namesOf = (rejected: readonly RejectedApi[]) => rejected.map(({ api: one }) => (one as Api).uniqueId);

/** APIM as the test wants it. `refuses` is asked for each message, with how many came before it. */
async function offered(
  what: IngestPayload,
  refuses: (ids: readonly string[], asked: number) => boolean,
  waits = 0,
) {
  const asked: string[] = [];
  const taken = new Set<string>();
  const standings: TotalRefusal[] = [];
  const pace: RetryPacing = {
    pause: () => Promise.resolve(),
    wait: (standing) => {
      standings.push(standing);
      return Promise.resolve(standings.length <= waits);
    },
  };
  const rejected = await offer(
    what,
    (payload) => {
      const ids = idsOf(payload);
      asked.push(ids.join(' '));
      const refused = refuses(ids, asked.length - 1);
      if (!refused) for (const id of ids) taken.add(id);
      return Promise.resolve(refused ? 'database says no' : undefined);
    },
    pace,
  );
  return { rejected, asked, taken, standings };
}
const refusing =
  (...bad: string[]) =>
  (ids: readonly string[]) =>
    ids.some((id) => bad.includes(id));

describe('offering a batch', () => {
  it('is one message when APIM takes it', async () => {
    expect(await offered(message('a', 'b'), () => false)).toMatchObject({ rejected: [], asked: ['a b'] });
  });

  it('halves what is refused until the culprit is alone, sends on what is behind it, and asks for it once more', async () => {
    const { rejected, asked } = await offered(message('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), refusing('c'));
    expect(rejected).toStrictEqual([{ api: api('c'), reason: 'database says no' }]);
    expect(asked).toStrictEqual(['a b c d e f g h', 'a b c d', 'a b', 'c', 'd e f g h', 'c']);
  });

  it('takes in the end what was refused for a moment only', async () => {
    const once = (_ids: readonly string[], asked: number) => asked === 0;
    expect(await offered(message('a', 'b', 'c'), once)).toMatchObject({
      rejected: [],
      asked: ['a b c', 'a b', 'c'],
    });
  });

  it('offers it again as long as APIM takes nothing, an empty message first, and throws nothing away', async () => {
    const { rejected, taken, standings, asked } = await offered(message('a', 'b'), (_ids, at) => at < 7, 9);
    expect(rejected).toStrictEqual([]);
    expect([...taken]).toStrictEqual(['a', 'b']);
    expect(asked).toStrictEqual(['a b', 'a', 'b', '', '', '', '', '', 'a b']);
    expect(new Set(standings)).toStrictEqual(new Set(['away']));
  });

  it('does not blame the only API of a message before the time is over', async () => {
    const { rejected, standings } = await offered(message('a'), refusing('a'), 3);
    expect(standings).toStrictEqual(['nothing', 'nothing', 'nothing', 'nothing']);
    expect(namesOf(rejected)).toStrictEqual(['a']);
    expect((await offered(message('a'), (ids, at) => at < 5 && ids.length > 0, 3)).rejected).toStrictEqual(
      [],
    );
  });

  it('tries another one alone each time that nothing is taken, and with it finds out that APIM takes some', async () => {
    const { rejected, standings } = await offered(
      message('a', 'b', 'c', 'd', 'e'),
      refusing('a', 'b', 'c', 'e'),
      9,
    );
    expect(standings).toStrictEqual(['nothing', 'nothing']);
    expect(namesOf(rejected)).toStrictEqual(['a', 'b', 'c', 'e']);
  });

  it('takes what can be taken when the time is over, and names the rest', async () => {
    const { rejected, taken } = await offered(message('a', 'b', 'c', 'd', 'e'), refusing('a', 'b', 'c', 'e'));
    expect(namesOf(rejected)).toStrictEqual(['a', 'b', 'c', 'e']);
    expect([...taken]).toStrictEqual(['d']);
  });

  it('names all of them when APIM is away for too long, and the empty message as one without an API', async () => {
    expect(namesOf((await offered(message('a', 'b'), () => true)).rejected)).toStrictEqual(['a', 'b']);
    const done = { ...message(), done: true };
    expect((await offered(done, () => true, 2)).rejected).toStrictEqual([
      { api: undefined, reason: 'database says no' },
    ]);
  });

  it('does not go on halving when APIM has gone away in the middle, and starts anew when it is back', async () => {
    const ids = Array.from({ length: 32 }, (_, index) => `api${index}`);
    const { rejected, asked, standings } = await offered(
      message(...ids),
      (some, at) => (at >= 2 && at < 40) || refusing('api20')(some),
      99,
    );
    expect(namesOf(rejected)).toStrictEqual(['api20']);
    expect(new Set(standings)).toStrictEqual(new Set(['away']));
    // Up to the first suspect, then what is behind it, then a witness; after that only empty messages.
    expect(asked.slice(0, 9).filter(Boolean)).toHaveLength(8);
    expect(asked.slice(9, 40).filter(Boolean)).toStrictEqual([]);
  });

  it('never says done but in the message that does', async () => {
    const seen: IngestPayload[] = [];
    const pace = { pause: () => Promise.resolve(), wait: () => Promise.resolve(seen.length < 6) };
    const done = { ...message(), done: true };
    await offer(done, (payload) => Promise.resolve(seen.push(payload) < 5 ? 'away' : undefined), pace);
    expect(seen.filter((one) => one.done).every((one) => one === done)).toBe(true);
  });

  it('names exactly those that APIM does not take, at a bounded cost', async () => {
    const some = fc
      .integer({ min: 2, max: 40 })
      .chain((n) =>
        fc.tuple(fc.constant(n), fc.subarray([...Array(n).keys()], { minLength: 1, maxLength: n - 1 })),
      );
    await fc.assert(
      fc.asyncProperty(some, async ([n, indexes]) => {
        const ids = Array.from({ length: n }, (_, index) => `api${index}`);
        const bad = indexes.map((index) => `api${index}`);
        const { rejected, taken, asked, standings } = await offered(message(...ids), refusing(...bad), n);
        expect(namesOf(rejected).sort()).toStrictEqual(bad.toSorted());
        expect([...taken].sort()).toStrictEqual(ids.filter((id) => !bad.includes(id)).sort());
        // For one culprit: the requests that find and confirm it, and the message with what is behind it.
        const perCulprit = Math.ceil(Math.log2(n)) + 2;
        const perRound = perCulprit + 2;
        if (bad.length === 1) expect(asked.length).toBeLessThanOrEqual(1 + perCulprit);
        // For each further one: also the request whether APIM is well, when nothing was accepted since one was refused.
        const bound = 1 + bad.length * (perCulprit + 1) + standings.length * perRound + 2;
        expect(asked.length).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 400 },
    );
  });

  it('blames no other for an outage, whenever that begins and however long it is', async () => {
    const cases = fc.integer({ min: 1, max: 30 }).chain((n) =>
      fc.record({
        n: fc.constant(n),
        indexes: fc.subarray([...Array(n).keys()], { maxLength: n - 1 }),
        from: fc.nat({ max: 40 }),
        length: fc.nat({ max: 60 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ n, indexes, from, length }) => {
        const ids = Array.from({ length: n }, (_, index) => `api${index}`);
        const bad = indexes.map((index) => `api${index}`);
        const refuses = (some: readonly string[], at: number): boolean =>
          (at >= from && at < from + length) || refusing(...bad)(some);
        const { rejected, taken } = await offered(message(...ids), refuses, 200);
        expect(namesOf(rejected).sort()).toStrictEqual(bad.toSorted());
        expect(ids.filter((id) => !bad.includes(id) && !taken.has(id))).toStrictEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
