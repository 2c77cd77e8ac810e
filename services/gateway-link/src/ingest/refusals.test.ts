import { expect, it } from '@jest/globals';
import { createHealth } from '@federation-agent/service-kit';
import { createRefusals } from './refusals.ts';

const health = createHealth();
const shown = () => health.report().components['ingest:i'];
const fresh = () => createRefusals('i', health, { now: () => Date.UTC(2026, 7, 1) });
const api = (uniqueId: string) => ({ api: { uniqueId }, reason: 'database says no' });

it('says nothing while all is well', () => {
  const refusals = fresh();
  refusals.taken(['a']);
  refusals.ended('j');
  expect(shown()).toBeUndefined();
});

it('says that an ingest is held up, until something is taken', () => {
  const refusals = fresh();
  refusals.held('j', 'away', 'no connection');
  expect(shown()).toMatchObject({
    status: 'degraded',
    detail: expect.stringMatching(
      /^APIM takes nothing of an ingest: no connection\. To do: .*goes on by itself$/u,
    ),
    data: { held: { ingestJobId: 'j' } },
  });
  expect(health.ready()).toBe(true);
  refusals.taken([]);
  expect(shown()).toBeUndefined();
  refusals.held('j', 'nothing', 'no');
  refusals.taken([]);
  expect(shown()).toBeDefined();
  refusals.taken(['a']);
  expect(shown()).toBeUndefined();
  refusals.held('j', 'away', 'no connection');
  refusals.socketClosed();
  expect(shown()).toBeUndefined();
});

it('names what was refused, until it is taken or the next ingest has ended', () => {
  const refusals = fresh();
  for (const id of ['a', 'b', 'c', 'd']) refusals.refused('j', api(id));
  refusals.refused('j', { api: undefined, reason: 'no done' });
  refusals.ended('j');
  expect(shown()?.detail).toMatch(
    /^APIM did not take 4 APIs of the last ingest: a: database says no; b: .*; c: .*; and 1 more\. To do: /u,
  );
  expect(shown()?.data).toMatchObject({
    refused: [{ uniqueId: 'a', ingestJobId: 'j', since: '2026-08-01T00:00:00.000Z' }, {}, {}, {}],
  });
  refusals.taken(['b']);
  refusals.refused('k', api('d'));
  refusals.ended('k');
  expect(shown()?.data).toMatchObject({ refused: [{ uniqueId: 'd', ingestJobId: 'k' }] });
  refusals.taken(['d']);
  expect(shown()).toBeUndefined();
});
