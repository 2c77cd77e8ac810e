import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { MINIMUM_POLICY } from './iam.ts';

/** Without the names of the statements. */
const granted = ({ Statement }: { Statement: readonly object[] }): readonly unknown[] =>
  Statement.map((statement) => ({ ...statement, Sid: undefined }));

test('deploy/aws/policy.json is the policy that every scenario runs with', () => {
  const file = new URL('../../../deploy/aws/policy.json', import.meta.url);
  const policy = JSON.parse(readFileSync(file, 'utf8')) as { Statement: readonly object[] };
  expect(granted(policy)).toEqual(granted(MINIMUM_POLICY));
});
