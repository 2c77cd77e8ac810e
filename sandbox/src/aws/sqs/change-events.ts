import { z } from 'zod';
import { newUuid } from '../ids.ts';
import type { Random } from '../ids.ts';
import type { Caller } from '../principals.ts';
import type { Queues } from './queues.ts';

/** Where the changes of one account and region go, and what goes wrong on the way. */
export const Subscription = z.strictObject({
  /** Of the queue. */
  account: z.string(),
  region: z.string(),
  queue: z.string(),
  /** Whose changes; absent: those of every account and region. */
  from: z.strictObject({ account: z.string(), region: z.string() }).optional(),
  /** Between the change and its message; AWS takes seconds to minutes. */
  delayMs: z.number().min(0).default(0),
  /** Every message twice. */
  double: z.boolean().default(false),
  /** Every n-th message is lost; 1: all. */
  loseEvery: z.int().min(1).optional(),
});
export type Subscription = z.infer<typeof Subscription>;

/** A call that changed something, with what CloudTrail writes of it. */
interface Change {
  readonly caller: Caller;
  readonly operation: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Publishes changes to queues, as an EventBridge rule for CloudTrail's management events does. */
export interface ChangeEvents {
  subscribe(subscription: Subscription): void;
  publish(change: Change, now: number): void;
  clear(): void;
}

/** No queue is subscribed yet. */
export function createChangeEvents(queues: Queues, random: Random): ChangeEvents {
  const subscriptions: { readonly wanted: Subscription; count: number }[] = [];
  return {
    subscribe: (wanted) => subscriptions.push({ wanted, count: 0 }),
    clear: () => subscriptions.splice(0),
    publish(change, now) {
      const { account } = change.caller.principal;
      for (const one of subscriptions) {
        const { from, delayMs, double, loseEvery, ...at } = one.wanted;
        if (from && (from.account !== account || from.region !== change.caller.region)) continue;
        const queue = queues.find(at.account, at.region, at.queue);
        one.count += 1;
        if (!queue || (loseEvery !== undefined && one.count % loseEvery === 0)) continue;
        const body = JSON.stringify(envelopeOf(change, now, random));
        for (let copy = 0; copy < (double ? 2 : 1); copy += 1) queues.send(queue, body, now, delayMs);
      }
    },
  };
}

/** The event as EventBridge delivers it. Values of API keys are never in it (CloudTrail hides them). */
function envelopeOf({ caller, operation, path, params, body }: Change, now: number, random: Random): object {
  const { principal, region } = caller;
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    version: '0',
    id: newUuid(random),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.apigateway',
    account: principal.account,
    time,
    region,
    resources: [],
    detail: {
      eventVersion: '1.09',
      userIdentity: { type: 'IAMUser', arn: principal.arn, accountId: principal.account },
      eventTime: time,
      eventSource: 'apigateway.amazonaws.com',
      eventName: operation,
      awsRegion: region,
      sourceIPAddress: '192.0.2.1',
      userAgent: 'aws-cli',
      requestParameters: requestParameters(operation, path, params, body),
      responseElements: null,
      requestID: newUuid(random),
      eventID: newUuid(random),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: principal.account,
      eventCategory: 'Management',
    },
  };
}

/**
 * CloudTrail writes the parts of the path, and the body below `<operation>Input` (AWS's examples of GetResource and
 * CreateDeployment). Others were seen with `restapiId`; readers should take both.
 */
function requestParameters(
  operation: string,
  path: string,
  params: Readonly<Record<string, string>>,
  body: Buffer,
): object {
  const names: Readonly<Record<string, string>> = {
    id: path.startsWith('/v2/') ? 'apiId' : 'restApiId',
    stage: 'stageName',
    arn: 'resourceArn',
    domain: 'domainName',
  };
  const input = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}Input`;
  return {
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [names[name] ?? name, value])),
    ...(body.length > 0 && !operation.includes('ApiKey') && { [input]: jsonOf(body) }),
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return {};
  }
}
