import { createHash } from 'node:crypto';
import { newUuid } from '../ids.ts';
import type { Random } from '../ids.ts';

/** A message, from its sending to its deletion. Times are milliseconds of the sandbox's clock. */
interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  visibleAt: number;
  receipt: string | undefined;
  receiveCount: number;
}

/** A standard queue: at least once, in no order. */
export interface Queue {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Seconds. */
  visibilityTimeout: number;
  readonly messages: Map<string, Message>;
}

/** A message as it is received. */
interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes: { readonly ApproximateReceiveCount: string; readonly SentTimestamp: string };
}

/** The queues of all accounts and regions. */
export interface Queues {
  find(account: string, region: string, name: string): Queue | undefined;
  /** Also where it exists already. */
  create(account: string, region: string, name: string): Queue;
  delete(queue: Queue): void;
  /** @returns the id of the message */
  send(queue: Queue, body: string, now: number, delayMs?: number): string;
  receive(queue: Queue, most: number, now: number, visibilitySeconds?: number): ReceivedMessage[];
  /** A receipt that is no longer the newest one deletes nothing, as in AWS. */
  remove(queue: Queue, receipt: string): void;
  changeVisibility(queue: Queue, receipt: string, now: number, seconds: number): void;
  clear(): void;
}

/** MD5 in hex, which the SDK checks. */
export function md5(body: string): string {
  return createHash('md5').update(body).digest('hex');
}

/** No queues yet. */
export function createQueues(random: Random): Queues {
  const queues = new Map<string, Queue>();
  const keyOf = (account: string, region: string, name: string): string => `${account}/${region}/${name}`;
  const byReceipt = (queue: Queue, receipt: string): Message | undefined =>
    [...queue.messages.values()].find((message) => message.receipt === receipt);
  return {
    find: (account, region, name) => queues.get(keyOf(account, region, name)),
    create(account, region, name) {
      const key = keyOf(account, region, name);
      const queue = queues.get(key) ?? { account, region, name, visibilityTimeout: 30, messages: new Map() };
      queues.set(key, queue);
      return queue;
    },
    delete: ({ account, region, name }) => queues.delete(keyOf(account, region, name)),
    send(queue, body, now, delayMs = 0) {
      const id = newUuid(random);
      const visibleAt = now + delayMs;
      queue.messages.set(id, { id, body, sentAt: now, visibleAt, receipt: undefined, receiveCount: 0 });
      return id;
    },
    receive(queue, most, now, visibilitySeconds = queue.visibilityTimeout) {
      const due = [...queue.messages.values()].filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
      return due.map((message) => {
        const receipt = newUuid(random);
        message.receipt = receipt;
        message.receiveCount += 1;
        message.visibleAt = now + visibilitySeconds * 1_000;
        return {
          MessageId: message.id,
          ReceiptHandle: receipt,
          Body: message.body,
          MD5OfBody: md5(message.body),
          Attributes: {
            ApproximateReceiveCount: String(message.receiveCount),
            SentTimestamp: String(message.sentAt),
          },
        };
      });
    },
    remove(queue, receipt) {
      const message = byReceipt(queue, receipt);
      if (message) queue.messages.delete(message.id);
    },
    changeVisibility(queue, receipt, now, seconds) {
      const message = byReceipt(queue, receipt);
      if (message) message.visibleAt = now + seconds * 1_000;
    },
    clear: () => queues.clear(),
  };
}
