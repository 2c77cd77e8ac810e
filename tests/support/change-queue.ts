import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { REACH_POLICY, SANDBOX_AGENT } from '@federation-agent/sandbox';
import type { AwsPeer } from './aws-peer.ts';

/** CloudTrail's record of a call, as far as a test cares. */
export interface RecordedCall {
  readonly eventName: string;
  readonly requestParameters?: object;
  readonly eventTime?: string;
}

/** An SQS queue with the changes of API Gateway, as the owner of the account sees it. */
export interface ChangeQueuePeer {
  /** For `changeQueueUrl`. */
  readonly url: string;
  /**
   * What EventBridge puts into the queue when the owner made this call. The sandbox does it by itself, and twice; here
   * it is done for moto, which records no calls.
   */
  told(call: RecordedCall): Promise<void>;
  /** What EventBridge makes of a call. */
  event(call: RecordedCall): object;
  send(body: string): Promise<void>;
  /** Messages in the queue, those that were received and not deleted included. */
  depth(): Promise<number>;
  delete(): Promise<void>;
  create(): Promise<void>;
  stop(): void;
}

/** The queue, and in the sandbox the policy that lets the agent read it. */
export async function makeChangeQueue(
  { kind, ownerUrl: endpoint, ownerCredentials: credentials, account, region, sandbox }: AwsPeer,
  name = 'federation-changes',
): Promise<ChangeQueuePeer> {
  const sqs = new SQSClient({ region, endpoint, credentials });
  const url = `${endpoint}/${account}/${name}`;
  const at = { QueueUrl: url };
  const event = ({ eventTime = new Date().toISOString(), ...recorded }: RecordedCall): object => ({
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
  });
  const create = async (): Promise<void> => {
    await sqs.send(new CreateQueueCommand({ QueueName: name }));
  };
  const send = async (body: string): Promise<void> => {
    await sqs.send(new SendMessageCommand({ ...at, MessageBody: body }));
  };
  await create();
  sandbox?.control.subscribeQueue({ account, region, queue: name, double: true });
  const arn = `arn:aws:iam::${account}:user/${SANDBOX_AGENT.name}`;
  sandbox?.control.setPolicy({ arn, policy: REACH_POLICY });
  return {
    url,
    told: async (call) => {
      if (kind === 'moto') await send(JSON.stringify(event(call)));
    },
    event,
    send,
    depth: async () => {
      const { Attributes: found = {} } = await sqs.send(
        new GetQueueAttributesCommand({ ...at, AttributeNames: ['All'] }),
      );
      const { ApproximateNumberOfMessages: there, ApproximateNumberOfMessagesNotVisible: received } = found;
      return Number(there) + Number(received);
    },
    delete: async () => {
      await sqs.send(new DeleteQueueCommand(at));
    },
    create,
    stop: () => sqs.destroy(),
  };
}
