import { expect, test } from '@jest/globals';
import { restApi, settingsOf, start, usagePlan } from '../../test/samples.ts';
import { listsDigest } from './lists-digest.ts';
import { toLists } from './read.ts';

const settings = settingsOf();
const digest = (apis: readonly string[], plans: readonly string[], name = 'x') =>
  listsDigest(
    toLists(
      apis.map((id) => restApi({ id, name })),
      plans.map((id) => usagePlan({ id })),
      start,
    ),
    settings,
  );

test('is the same in whatever order AWS names them, and another for whatever else it says', () => {
  const before = digest(['a', 'b'], ['p', 'q']);
  expect(digest(['b', 'a'], ['q', 'p'])).toBe(before);
  for (const other of [
    digest(['a'], ['p', 'q']),
    digest(['a', 'b'], ['p']),
    digest(['a', 'b'], ['p', 'q'], 'y'),
    digest([], ['a', 'b', 'p', 'q']),
  ])
    expect(other).not.toBe(before);
});

test('is another under other settings', () => {
  const lists = toLists([restApi()], [usagePlan()], start);
  expect(listsDigest(lists, { fingerprint: 'f1' })).not.toBe(listsDigest(lists, { fingerprint: 'f2' }));
});
