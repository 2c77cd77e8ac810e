import { z } from 'zod';

const OneOrMany = z.union([z.string(), z.array(z.string())]);

/** An IAM policy: the parts that calls of API Gateway's management API need. Conditions are not supported. */
export const PolicyDocument = z.strictObject({
  Version: z.string().optional(),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().optional(),
      Effect: z.enum(['Allow', 'Deny']),
      Action: OneOrMany,
      Resource: OneOrMany,
    }),
  ),
});
export type PolicyDocument = z.infer<typeof PolicyDocument>;

/** Exactly the policy in the documentation of the agent. */
export const MINIMUM_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['apigateway:GET'],
      Resource: [
        'arn:aws:apigateway:*::/restapis',
        'arn:aws:apigateway:*::/restapis/*',
        'arn:aws:apigateway:*::/restapis/*/stages/*',
        'arn:aws:apigateway:*::/usageplans',
      ],
    },
    {
      Effect: 'Allow',
      Action: ['apigateway:POST'],
      Resource: ['arn:aws:apigateway:*::/apikeys', 'arn:aws:apigateway:*::/usageplans/*/keys'],
    },
    { Effect: 'Allow', Action: ['apigateway:DELETE'], Resource: ['arn:aws:apigateway:*::/apikeys/*'] },
  ],
};

/** The minimum, and what the opt-in keys of the agent's configuration need. */
export const REACH_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    ...MINIMUM_POLICY.Statement,
    {
      Effect: 'Allow',
      Action: ['apigateway:GET'],
      Resource: [
        'arn:aws:apigateway:*::/apis',
        'arn:aws:apigateway:*::/apis/*',
        'arn:aws:apigateway:*::/domainnames',
        'arn:aws:apigateway:*::/domainnames/*',
        'arn:aws:apigateway:*::/account',
      ],
    },
    {
      Effect: 'Allow',
      Action: ['apigateway:ListRoutingRules'],
      Resource: ['arn:aws:apigateway:*:*:/domainnames/*'],
    },
    {
      Effect: 'Allow',
      Action: [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ChangeMessageVisibility',
      ],
      Resource: 'arn:aws:sqs:*:*:*',
    },
  ],
};

/** Everything in API Gateway and SQS, for an operator. */
export const FULL_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['apigateway:*', 'sqs:*'], Resource: '*' }],
};

/** What a policy decides about a call. */
export type Decision = 'allowed' | 'not allowed' | 'explicitly denied';

/** The policy with one more statement that denies a verb on a path (`*` as in IAM) in every region. */
export function denying(policy: PolicyDocument, verb: string, path: string): PolicyDocument {
  const statement = {
    Effect: 'Deny',
    Action: `apigateway:${verb}`,
    Resource: `arn:*:apigateway:*::${path}`,
  } as const;
  return { ...policy, Statement: [...policy.Statement, statement] };
}

/** Partition of a region, as in ARNs. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** ARN of a path of the management API: without its query, and most have no account. */
export function resourceArn(region: string, path: string, account = ''): string {
  return `arn:${partitionOf(region)}:apigateway:${region}:${account}:${path}`;
}

/** Whether an IAM pattern matches a text (`*` any characters including `/`; `?` one character). */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/**
 * Judges one action (`apigateway:GET`) on one ARN. A Deny overrides every Allow; without an Allow it is not allowed.
 */
export function evaluate(policy: PolicyDocument, action: string, arn: string): Decision {
  const effects = policy.Statement.filter(
    (statement) =>
      [statement.Action]
        .flat()
        .some((pattern) => matchesPattern(pattern.toLowerCase(), action.toLowerCase())) &&
      [statement.Resource].flat().some((pattern) => matchesPattern(pattern, arn)),
  ).map((statement) => statement.Effect);
  if (effects.includes('Deny')) return 'explicitly denied';
  return effects.includes('Allow') ? 'allowed' : 'not allowed';
}

/** The text of AWS's AccessDeniedException. */
export function denialText(caller: string, action: string, arn: string, decision: Decision): string {
  const reason =
    decision === 'explicitly denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${arn} ${reason}`;
}
