import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { MINIMUM_POLICY, PolicyDocument, REACH_POLICY } from './iam.ts';

/** Without the names of the statements. */
const granted = ({ Statement }: { Statement: readonly object[] }): readonly unknown[] =>
  Statement.map((statement) => ({ ...statement, Sid: undefined }));

function deployed(name: string): PolicyDocument {
  const file = new URL(`../../../deploy/aws/${name}`, import.meta.url);
  return PolicyDocument.parse(JSON.parse(readFileSync(file, 'utf8')));
}

test('deploy/aws/policy.json is the policy that every scenario runs with', () => {
  expect(granted(deployed('policy.json'))).toEqual(granted(MINIMUM_POLICY));
});

test('deploy/aws/reach-policy.json and the minimum are the policy that the scenarios of the opt-ins run with', () => {
  const grants = ({ Statement }: PolicyDocument): string[] =>
    Statement.flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${resource}`)),
    ).filter((grant) => grant.startsWith('apigateway:'));
  expect([...grants(deployed('policy.json')), ...grants(deployed('reach-policy.json'))].sort()).toEqual(
    grants(REACH_POLICY).sort(),
  );
});
