import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** CloudTrail's record of a call, as far as a test cares. */
export interface RecordedCall {
  readonly eventName: string;
  readonly requestParameters?: object;
  readonly responseElements?: object;
  readonly eventTime?: string;
}

/** An SQS queue of moto, with what the rule in deploy/aws would send to it. */
export interface ChangeQueuePeer {
  /** For `changeQueueUrl`. */
  readonly url: string;
  /** What EventBridge makes of a call. */
  event(call: RecordedCall): object;
  /** Puts the event of a call into the queue, as EventBridge does. */
  happen(call: RecordedCall): Promise<void>;
  send(body: string): Promise<void>;
  /** Messages in the queue, those that were received and not deleted included. */
  depth(): Promise<number>;
  delete(): Promise<void>;
  create(): Promise<void>;
}

/** The event that EventBridge makes of a call of API Gateway which CloudTrail has recorded. */
function changeEvent(
  { eventTime = new Date().toISOString(), ...recorded }: RecordedCall,
  { account, region }: { readonly account: string; readonly region: string },
): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.apigateway',
    account,
    time: eventTime,
    region,
    resources: [],
    detail: {
      eventVersion: '1.09',
      eventTime,
      eventSource: 'apigateway.amazonaws.com',
      awsRegion: region,
      recipientAccountId: account,
      eventID: randomUUID(),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      ...recorded,
    },
  };
}

/**
 * Makes the queue.
 *
 * @param url of moto itself, not of a proxy before it
 */
export async function makeChangeQueue(
  url: string,
  { account, region, name = 'federation-changes' }: { account: string; region: string; name?: string },
): Promise<ChangeQueuePeer> {
  const queueUrl = `${url}/${account}/${name}`;
  const call = (operation: string, input: object) => answerOf(url, region, operation, input);
  const create = async (): Promise<void> => {
    await call('CreateQueue', { QueueName: name });
  };
  await create();
  const send = async (body: string): Promise<void> => {
    await call('SendMessage', { QueueUrl: queueUrl, MessageBody: body });
  };
  return {
    url: queueUrl,
    event: (recorded) => changeEvent(recorded, { account, region }),
    happen: (recorded) => send(JSON.stringify(changeEvent(recorded, { account, region }))),
    send,
    depth: async () => {
      const answer = await call('GetQueueAttributes', { QueueUrl: queueUrl, AttributeNames: ['All'] });
      const { Attributes: found } = Depth.parse(answer);
      return found.ApproximateNumberOfMessages + found.ApproximateNumberOfMessagesNotVisible;
    },
    delete: async () => {
      await call('DeleteQueue', { QueueUrl: queueUrl });
    },
    create,
  };
}

const Depth = z.object({
  Attributes: z.object({
    ApproximateNumberOfMessages: z.coerce.number(),
    ApproximateNumberOfMessagesNotVisible: z.coerce.number(),
  }),
});

/** moto takes the account and region from the credential, and does not check the signature. */
async function answerOf(url: string, region: string, operation: string, input: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=owner/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${text.slice(0, 300)}`);
  return text === '' ? undefined : JSON.parse(text);
}
