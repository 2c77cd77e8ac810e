/** One SQS queue: receives messages and deletes them. The SDK is loaded with the first call. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type * as Sqs from '@aws-sdk/client-sqs';
import type { AwsProviderConfiguration, Limits } from '@federation-agent/contracts';
import type { ProxyRoute } from '@federation-agent/net';
import { z } from 'zod';
import type { RawAnswer } from './answer.ts';
import { exchangeOnce } from './client.ts';
import { handlerTimeouts, sqsEndpoint, type Credentials } from './credentials.ts';
import { AwsCredentials, AwsUnreadableAnswer } from './errors.ts';
import type { ChangeQueue } from './model-queue.ts';
import { proxyAgents } from './proxy.ts';
import type { QueueAddress } from './queue-address.ts';
import { toQueueError, type QueueOperation } from './queue-error.ts';
import type { Identity } from './targets.ts';
import { read, type Reading } from './wire.ts';

export interface QueueOptions {
  readonly address: QueueAddress;
  readonly identity: Identity;
  readonly configuration: AwsProviderConfiguration;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly proxy?: ProxyRoute | undefined;
  /** Texts that must not be in any error. */
  readonly secrets: readonly string[];
}

/** A queue that its control plane also closes. */
export interface OpenQueue extends ChangeQueue {
  /** GetQueueAttributes: changes nothing, also not what others receive. @throws AwsError */
  look(signal: AbortSignal): Promise<void>;
  /** The next call gets new credentials. */
  forget(): void;
}

type Sdk = typeof Sqs;
type Command = Sqs.ReceiveMessageCommand | Sqs.DeleteMessageBatchCommand | Sqs.GetQueueAttributesCommand;

const messagesAtOnce = 10;

const received = z.object({
  Messages: z
    .array(
      z
        .object({
          ReceiptHandle: z.string().min(1),
          Body: z.string().nullish(),
          Attributes: z.object({ ApproximateReceiveCount: z.coerce.number().int().catch(1) }).nullish(),
        })
        .transform(({ ReceiptHandle, Body, Attributes }) => ({
          handle: ReceiptHandle,
          body: Body ?? '',
          receives: Attributes?.ApproximateReceiveCount ?? 1,
        })),
    )
    .nullish(),
});

export function createQueue(options: QueueOptions): OpenQueue {
  const { address, identity, credentials, limits, secrets } = options;
  const { url, name, region } = address;
  let client: Sqs.SQSClient | undefined;

  const clientOf = ({ SQSClient: Client }: Sdk): Sqs.SQSClient =>
    (client ??= new Client({
      region,
      credentials: credentials.of(identity),
      // Otherwise the SDK calls the host of the queue's URL.
      ...sqsEndpoint(options.configuration),
      maxAttempts: 1,
      retryMode: 'standard',
      requestHandler: {
        ...handlerTimeouts(limits),
        requestTimeout: limits.queueWait + limits.readCall,
        httpAgent: new HttpAgent({ keepAlive: true }),
        httpsAgent: new HttpsAgent({ keepAlive: true }),
        ...proxyAgents(options.proxy, limits),
      },
    }));

  function forget(): void {
    client?.destroy();
    client = undefined;
  }

  async function call<T>(
    operation: QueueOperation,
    make: (sdk: Sdk) => Command,
    parse: (answer: RawAnswer) => Reading<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const sdk = await import('@aws-sdk/client-sqs');
    const timeout = limits.queueWait + limits.readCall;
    const result = await exchangeOnce(clientOf(sdk), make(sdk), { signal, timeout });
    if ('failure' in result) {
      const error = toQueueError(operation, address, result.failure, secrets);
      if (error instanceof AwsCredentials) {
        credentials.forget(identity);
        forget();
      }
      throw error;
    }
    const reading = parse(result.answer);
    if ('unreadable' in reading) throw new AwsUnreadableAnswer(reading.unreadable, { operation, ...address });
    return reading.value;
  }

  return {
    url,
    label: `${name} in ${region}`,
    receive: (signal) =>
      call(
        'ReceiveMessage',
        (sdk) =>
          new sdk.ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: messagesAtOnce,
            WaitTimeSeconds: Math.round(limits.queueWait / 1_000),
            VisibilityTimeout: Math.round(limits.changeVisibility / 1_000),
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          }),
        (answer) => read(answer, received, ({ Messages }) => Messages ?? []),
        signal,
      ),
    look: (signal) =>
      call(
        'GetQueueAttributes',
        (sdk) => new sdk.GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
        () => ({ value: undefined }),
        signal,
      ),
    delete: async (handles, signal) => {
      for (let at = 0; at < handles.length; at += messagesAtOnce) {
        const some = handles.slice(at, at + messagesAtOnce);
        const Entries = some.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        await call(
          'DeleteMessageBatch',
          (sdk) => new sdk.DeleteMessageBatchCommand({ QueueUrl: url, Entries }),
          () => ({ value: undefined }),
          signal,
        );
      }
    },
    forget,
  };
}
