import { BudgetRecord, SubscriptionRecord, buckets, limitsAt, streams } from '@federation-agent/contracts';
import { openBucket } from '@federation-agent/broker';
import { connectTestBroker } from '@federation-agent/broker/test';
import type { Stack } from './stack.ts';

/** What the agent has stored. */
export interface BrokerState {
  /** Record by Gravitee subscription id. */
  readonly records: ReadonlyMap<string, SubscriptionRecord>;
  /** Every dead letter as text. */
  readonly deadLetters: readonly string[];
  /** Waiting messages, by stream. */
  readonly waiting: Readonly<Record<string, number>>;
}

/** The targets that call AWS less often than configured, because of a 429, and when they are past that. */
export async function slowedTargets({ agent, timeScale }: Stack): Promise<string[]> {
  const limits = limitsAt(timeScale);
  const broker = await connectTestBroker(agent.broker, 'subscription-manager', limits);
  try {
    const budgets = await (await openBucket(broker, buckets.budget, BudgetRecord)).entries();
    const now = Date.now();
    return budgets.flatMap(({ key, value: { rate, rateChangedAt, configured } }) => {
      const steps = Math.ceil((10 * (configured.rate - rate)) / configured.rate);
      const left = rateChangedAt + steps * limits.budgetRecovery - now;
      return left > 0 ? [`${key}: ${left} ms`] : [];
    });
  } finally {
    await broker.close();
  }
}

export async function readBroker({ agent, timeScale }: Stack): Promise<BrokerState> {
  const broker = await connectTestBroker(agent.broker, 'subscription-manager', limitsAt(timeScale));
  try {
    const bucket = await openBucket(broker, buckets.subscriptions, SubscriptionRecord);
    const records = (await bucket.entries()).map(
      ({ value }) => [value.graviteeSubscriptionId, value] as const,
    );
    const dead = (await broker.jsm.streams.info(broker.names.stream(streams.dead))).state;
    const deadLetters: string[] = [];
    for (let seq = Math.max(dead.first_seq, 1); seq <= dead.last_seq; seq += 1) {
      const letter = await broker.jsm.streams.getMessage(broker.names.stream(streams.dead), { seq });
      if (letter) deadLetters.push(letter.string());
    }
    const waiting: Record<string, number> = {};
    for (const stream of [streams.commands, streams.ingest]) {
      waiting[stream] = (await broker.jsm.streams.info(broker.names.stream(stream))).state.messages;
    }
    return { records: new Map(records), deadLetters, waiting };
  } finally {
    await broker.close();
  }
}
