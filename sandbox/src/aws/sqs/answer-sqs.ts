import { z } from 'zod';
import { json } from '../answer.ts';
import { AwsError, forbidden } from '../errors.ts';
import { denialText, evaluate, partitionOf } from '../iam.ts';
import { md5 } from './queues.ts';
import type { Answer } from '../answer.ts';
import type { Caller } from '../principals.ts';
import type { SignedRequest } from '../signature.ts';
import type { Queue, Queues } from './queues.ts';

/** A call of SQS in its JSON protocol, with its caller. */
export interface SqsCall {
  readonly queues: Queues;
  readonly operation: string;
  readonly request: SignedRequest;
  readonly caller: Caller;
  readonly policy: Parameters<typeof evaluate>[0];
  readonly now: number;
}

const AtQueue = z.object({ QueueUrl: z.string() });
const Receive = AtQueue.extend({
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).optional(),
  WaitTimeSeconds: z.int().min(0).max(20).default(0),
});
const Handle = AtQueue.extend({ ReceiptHandle: z.string() });
const Batch = AtQueue.extend({
  Entries: z
    .array(z.object({ Id: z.string(), ReceiptHandle: z.string() }))
    .min(1)
    .max(10),
});

/** How long a ReceiveMessage waits for a message, ms; 0 for every other call. */
export function waitOf(operation: string, request: SignedRequest): number {
  if (operation !== 'ReceiveMessage') return 0;
  const parsed = Receive.safeParse(bodyOf(request));
  return parsed.success ? parsed.data.WaitTimeSeconds * 1_000 : 0;
}

/** The name of the queue that a call is about; empty when it names none. */
export function queueNameOf(request: SignedRequest): string {
  return nameIn(AtQueue.safeParse(bodyOf(request)).data?.QueueUrl ?? '');
}

function nameIn(url: string): string {
  return url.split('/').at(-1) ?? '';
}

/** An error in the form of the JSON protocol. The query code is in a header, as SDKs of before expect it. */
export function sqsError(error: AwsError): Answer {
  const kind = error.status >= 500 ? 'Receiver' : 'Sender';
  return json(
    error.status,
    { __type: `com.amazonaws.sqs#${error.code}`, message: error.message },
    { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${queryCode(error)};${kind}` },
  );
}

function queryCode({ code }: AwsError): string {
  return code === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : code;
}

/** Handles one call. @throws AwsError */
export function answerSqs(call: SqsCall): Answer {
  const handler = operations[call.operation];
  if (!handler) throw new AwsError(400, 'UnsupportedOperation', `The sandbox has no ${call.operation}`);
  const result = handler(call, bodyOf(call.request));
  return json(200, result, { 'content-type': 'application/x-amz-json-1.0' });
}

type Handler = (call: SqsCall, body: unknown) => object;

const operations: Readonly<Record<string, Handler>> = {
  CreateQueue(call, body) {
    const { QueueName } = z.object({ QueueName: z.string() }).parse(body);
    authorize(call, QueueName);
    const { principal, region } = call.caller;
    return { QueueUrl: urlOf(call, call.queues.create(principal.account, region, QueueName)) };
  },
  GetQueueUrl(call, body) {
    const { QueueName } = z.object({ QueueName: z.string() }).parse(body);
    return { QueueUrl: urlOf(call, queueNamed(call, QueueName)) };
  },
  DeleteQueue(call, body) {
    call.queues.delete(queueIn(call, body));
    return {};
  },
  GetQueueAttributes(call, body) {
    const queue = queueIn(call, body);
    const visible = [...queue.messages.values()].filter(({ visibleAt }) => visibleAt <= call.now).length;
    return {
      Attributes: {
        QueueArn: arnOf(queue.region, queue.account, queue.name),
        ApproximateNumberOfMessages: String(visible),
        ApproximateNumberOfMessagesNotVisible: String(queue.messages.size - visible),
        VisibilityTimeout: String(queue.visibilityTimeout),
      },
    };
  },
  SendMessage(call, body) {
    const { MessageBody, DelaySeconds } = z
      .object({ MessageBody: z.string(), DelaySeconds: z.number().default(0) })
      .parse(body);
    const MessageId = call.queues.send(queueIn(call, body), MessageBody, call.now, DelaySeconds * 1_000);
    return { MessageId, MD5OfMessageBody: md5(MessageBody) };
  },
  ReceiveMessage(call, body) {
    const { MaxNumberOfMessages, VisibilityTimeout } = Receive.parse(body);
    const found = call.queues.receive(queueIn(call, body), MaxNumberOfMessages, call.now, VisibilityTimeout);
    return found.length > 0 ? { Messages: found } : {};
  },
  DeleteMessage(call, body) {
    call.queues.remove(queueIn(call, body), Handle.parse(body).ReceiptHandle);
    return {};
  },
  DeleteMessageBatch(call, body) {
    const queue = queueIn(call, body);
    const { Entries } = Batch.parse(body);
    for (const { ReceiptHandle } of Entries) call.queues.remove(queue, ReceiptHandle);
    return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
  },
  ChangeMessageVisibility(call, body) {
    const { ReceiptHandle, VisibilityTimeout } = Handle.extend({ VisibilityTimeout: z.number() }).parse(body);
    call.queues.changeVisibility(queueIn(call, body), ReceiptHandle, call.now, VisibilityTimeout);
    return {};
  },
};

function bodyOf({ body }: SignedRequest): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return {};
  }
}

/** The queue of a URL: its last part is the name. The right is checked first, as AWS does. */
function queueIn(call: SqsCall, body: unknown): Queue {
  const { QueueUrl } = AtQueue.parse(body);
  const name = nameIn(QueueUrl);
  authorize(call, name);
  return queueNamed(call, name);
}

function queueNamed({ queues, caller: { principal, region } }: SqsCall, name: string): Queue {
  const queue = queues.find(principal.account, region, name);
  if (!queue) throw new AwsError(400, 'QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

function authorize({ caller: { principal, region }, operation, policy }: SqsCall, name: string): void {
  // A batch needs the right of the single call.
  const [action, arn] = [`sqs:${operation.replace(/Batch$/, '')}`, arnOf(region, principal.account, name)];
  const decision = evaluate(policy, action, arn);
  if (decision !== 'allowed')
    throw forbidden('AccessDeniedException', denialText(principal.arn, action, arn, decision));
}

function arnOf(region: string, account: string, name: string): string {
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

function urlOf({ request }: SqsCall, { account, name }: Queue): string {
  return `http://${request.headers['host'] ?? '127.0.0.1'}/${account}/${name}`;
}
