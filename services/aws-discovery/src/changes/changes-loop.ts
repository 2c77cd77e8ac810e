/**
 * Changes of API Gateway as they happen, from the queues of one integration. SQS shares the messages out among the
 * replicas that read a queue. A message is deleted only when the catalog has what it asks for, so one that is lost with
 * its reader comes again; one that comes twice or late costs a read, since AWS is always read anew.
 */
import type { ChangeQueue, QueueMessage, Target } from '@federation-agent/aws-control-plane';
import { catalogKeys } from '@federation-agent/contracts';
import { countFromZero } from '@federation-agent/base';
import { changeRecord } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { discoveryMetricSpecs } from '../metrics.ts';
import { listen } from './listen.ts';
import { createQueueHealth, type QueueHealth } from './queue-health.ts';
import { readChange } from './read-change.ts';
import { createTargetChanges, type TargetChanges } from './target-changes.ts';

export interface ChangesLoop {
  /** Whether the queue of the target, if it has one, is read now. */
  hears(target: Pick<Target, 'changeQueueUrl'>): boolean;
  stop(): Promise<void>;
}

export function startChangesLoop(discovery: Discovery, integration: Integration): ChangesLoop {
  const { clock, limits, metrics, scans } = discovery;
  const { plane, settings } = integration;
  const { integrationId } = settings;
  const stopping = new AbortController();
  const { signal } = stopping;
  const queues = plane.changeQueues();
  const healths = new Map<string, QueueHealth>();
  /** By account, region and queue. */
  const targets = new Map<string, TargetChanges>();
  /** Epoch ms: when the record of a target was last told that a message came. */
  const noted = new Map<string, number>();

  const loops = queues.map((queue) => {
    for (const each of ['changes', 'changeReceives'] as const)
      countFromZero(metrics[each], discoveryMetricSpecs[each], { integration: integrationId });
    const health = createQueueHealth(integrationId, queue, discovery);
    healths.set(queue.url, health);
    return listen(discovery, queue, health, (messages) => take(queue, messages), signal);
  });

  async function take(queue: ChangeQueue, messages: readonly QueueMessage[]): Promise<void> {
    // One target that waits for its account does not hold up the messages of others.
    const read = await Promise.all(
      messages.map(async (message) => ({ message, ...(await takeOne(queue, message)) })),
    );
    const done = read.filter(({ result }) => result !== 'gathered' && result !== 'again');
    for (const { result } of read)
      if (result !== 'gathered') metrics.changes.inc({ integration: integrationId, result });
    if (done.length > 0)
      await queue.delete(
        done.map(({ message }) => message.handle),
        signal,
      );
  }

  async function takeOne(queue: ChangeQueue, message: QueueMessage): Promise<{ readonly result: string }> {
    const change = readChange(message.body);
    if (change.kind === 'unreadable') return { result: 'unreadable' };
    const { account, region } = change;
    if (account === undefined || region === undefined) return { result: 'irrelevant' };
    let target: Target | undefined;
    try {
      target = await plane.target(account, region);
    } catch {
      // A target of this region waits for its account, so it may be this one; the health report says why.
      return { result: 'again' };
    }
    if (target?.changeQueueUrl !== queue.url) return { result: 'foreign' };
    await note(target);
    if (change.kind === 'irrelevant' || (change.domain && !settings.customDomains))
      return { result: 'irrelevant' };
    changesOf(target, queue).add(change, message);
    return { result: 'gathered' };
  }

  function changesOf(target: Target, queue: ChangeQueue): TargetChanges {
    const key = `${target.account} ${target.region} ${queue.url}`;
    const known = targets.get(key) ?? createTargetChanges(discovery, integration, target, queue, signal);
    targets.set(key, known);
    return known;
  }

  /** Best effort: without it the scans follow their schedule. */
  async function note({ account, region }: Target): Promise<void> {
    const key = catalogKeys.scan(integrationId, account, region);
    const now = clock.now();
    const before = noted.get(key);
    if (before !== undefined && now - before < limits.changesNoted) return;
    noted.set(key, now);
    await changeRecord(scans, key, (record) => record && { ...record, changeHeardAt: now }).catch(() =>
      noted.delete(key),
    );
  }

  return {
    hears: ({ changeQueueUrl }) =>
      changeQueueUrl !== undefined && healths.get(changeQueueUrl)?.isRead() === true,
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
      await Promise.all([...targets.values()].map((one) => one.idle()));
    },
  };
}
