import { expect, test } from '@jest/globals';
import { breachOf, usesIn } from './actions.mjs';

const commit = '0123456789abcdef0123456789abcdef01234567';

test('what others wrote, and not what is here', () =>
  expect(
    usesIn(`jobs:
  ci:
    uses: ./.github/workflows/ci.yml
  test:
    steps:
      # uses: not/this@v1
      - uses: actions/checkout@${commit} # v7.0.1
      - name: x
        uses: "some/thing/below@v2"
`),
  ).toEqual([
    { action: 'actions/checkout', ref: commit, version: 'v7.0.1', line: 7 },
    { action: 'some/thing/below', ref: 'v2', version: undefined, line: 9 },
  ]));

test.each([
  [`a/b@${commit} # v1.2.3`, undefined],
  ['a/b@v1.2.3', 'a/b@v1.2.3 is not pinned to a full commit'],
  ['a/b@main # v1.2.3', 'a/b@main is not pinned'],
  ['a/b', 'a/b@ is not pinned'],
  [`a/b@${commit.slice(0, 7)} # v1.2.3`, 'not pinned to a full commit'],
  [`a/b@${commit}`, 'no comment says which version'],
  [`a/b@${commit} # v1`, 'no comment says which version'],
  ['docker://alpine:3', 'not pinned to a digest'],
  [`docker://alpine@sha256:${'0'.repeat(64)}`, undefined],
])('%s', (what, breach) => {
  const [use] = usesIn(`      - uses: ${what}`);
  const said = use && breachOf(use);
  if (breach === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(breach);
});
