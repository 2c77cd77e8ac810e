import { describe, expect, it, test } from '@jest/globals';
import { AgentConfig } from '@federation-agent/contracts';
import { entryOf, integrationId } from '../../test/samples.ts';
import { listingOf, stageRow } from './stage-row.ts';

const listing = (configuration: object) =>
  listingOf(
    AgentConfig.parse({
      integration: {
        providers: [
          { type: 'aws-api-gateway', integrationId, configuration: { region: 'r', ...configuration } },
        ],
      },
    }),
  )(integrationId);
const plain = listing({});

describe('a stage', () => {
  it.each([
    ['with a plan', {}, 'listed', []],
    ['that AWS no longer has', { missing: { since: 5, reads: 1 } }, 'hidden', ['missing']],
    ['that the configuration leaves out', { name: 'internal-x' }, 'hidden', ['filtered']],
    ['that no plan has, and none had', { plans: [], plansSent: false }, 'hidden', ['no-plan']],
    ['that no plan has any more', { plans: [] }, 'listed', []],
    ['whose last read failed', { degraded: { reason: 'denied', since: 4 } }, 'stale', ['degraded']],
    [
      'that is gone, and could not be read before',
      { missing: { since: 5, reads: 1 }, degraded: { reason: 'denied', since: 4 } },
      'hidden',
      ['missing', 'degraded'],
    ],
  ])('%s', (_what, changes, state, codes) => {
    const row = stageRow(entryOf(changes), listing({ exclude: { names: 'internal-*' } }));
    expect([row.state, row.reasons.map(({ code }) => code)]).toEqual([state, codes]);
    for (const { text, fix } of row.reasons) expect([text, fix]).not.toContain('');
  });
});

test('plans are not required where the configuration says so', () => {
  const entry = entryOf({ plans: [], plansSent: false });
  expect(stageRow(entry, listing({ acceptApiWithoutUsagePlan: true })).state).toBe('listed');
  expect(stageRow(entry, plain).state).toBe('hidden');
});

test('an integration that is not configured here hides nothing but what is gone', () => {
  const other = listingOf(AgentConfig.parse({}))('another');
  expect(stageRow(entryOf({ plans: [], plansSent: false }), other).state).toBe('listed');
});
