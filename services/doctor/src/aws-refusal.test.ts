import { expect, test } from '@jest/globals';
import { AwsDenied } from '@federation-agent/aws-control-plane';
import { denialFix } from './aws-refusal.ts';

const who =
  'AccessDeniedException: User: arn:aws:iam::1:user/a is not authorized to perform: apigateway:GET on resource: x';
const statement =
  '{"Effect":"Allow","Action":"apigateway:GET","Resource":"arn:aws:apigateway:*::/usageplans"}';

// The endings as the documentation of IAM has them.
test.each([
  ['', `add to the policy of this identity: ${statement}`],
  [
    ' because no identity-based policy allows the apigateway:GET action',
    `add to the policy of this identity: ${statement}`,
  ],
  [
    ' because no permissions boundary allows the apigateway:GET action',
    `add to the permissions boundary: ${statement}`,
  ],
  [
    ' because no service control policy allows the apigateway:GET action',
    `add to the service control policy: ${statement}`,
  ],
  [
    ' because no VPC endpoint policy allows the apigateway:GET action',
    `add to the VPC endpoint policy: ${statement}`,
  ],
  [
    ' with an explicit deny in an identity-based policy',
    'from the identity-based policy: an Allow elsewhere does not help',
  ],
  [' with an explicit deny in a service control policy', 'from the service control policy:'],
  [' with an explicit deny in a permissions boundary', 'from the permissions boundary:'],
  [' with an explicit deny', 'from the policy (of the identity, its boundary, or the organisation):'],
])('refused%s', (ending, mend) => {
  const facts = { operation: 'GetUsagePlans', account: '123456789012', region: 'eu-west-1' };
  const permission = { action: 'apigateway:GET', resource: 'arn:aws:apigateway:*::/usageplans' };
  expect(denialFix(new AwsDenied(`${who}${ending}`, facts, permission))).toContain(mend);
});
