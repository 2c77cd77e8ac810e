import { expect, test } from '@jest/globals';
import { testTelemetry } from '@federation-agent/base/test';
import type { ChangedText } from '../mapping/changed-texts.ts';
import { logChangedTexts } from './log-changed-texts.ts';

const cut: ChangedText = { field: 'api.version', whole: 'v'.repeat(3_000), sent: `${'v'.repeat(63)}…` };

test('what is cut is said once, by field, and again when it is something else', () => {
  const telemetry = testTelemetry('aws-discovery');
  const said = new Map<string, string>();
  const say = (key: string, ...changed: ChangedText[]): void =>
    logChangedTexts(said, key, telemetry.log, changed);
  say('a');
  say('a', cut);
  say('a', cut);
  say('b', cut);
  say('a', { ...cut, whole: 'w'.repeat(65) });
  const told = telemetry
    .lines()
    .map(({ texts }) => texts as { field: string; length: number; whole: string }[]);
  expect(told.map((texts) => texts.map(({ field, length }) => `${field} ${length}`))).toEqual([
    ['api.version 3000'],
    ['api.version 3000'],
    ['api.version 65'],
  ]);
  expect(told[0]?.[0]).toMatchObject({ width: 64, sent: cut.sent });
  expect(told[0]?.[0]?.whole).toHaveLength(1_024);
});
