/** An agent that has nothing to do: CPU, and messages to the broker, with many live subscriptions. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { subscriptionKeys, SubscriptionRecord, realLimits } from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import { openBucket } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker } from '@federation-agent/broker/test';
import { openArena } from '../support/contestants.ts';
import { startCountingRelay } from '../support/counting-relay.ts';
import type { BenchCase, Figure } from '../support/figure.ts';
import { cpuMs } from '../support/processes.ts';

const subscriptionCounts = [0, 10_000];
/** The first scan is over by then, and every record was read. */
const settleMs = 30_000;

export const idle: BenchCase = {
  name: 'idle',
  about:
    'The agent at rest on a broker of its own, connected, with so many live subscriptions. CPU is that of the agent ' +
    'without its broker. What is left is the broker that keeps its requests open, and heartbeats.',
  run: async (quick) => {
    const windowMs = 60_000;
    const windows = quick ? 1 : 2;
    // Side by side: they have nothing to do. Each begins when all have their records.
    const prepared = await Promise.all(subscriptionCounts.map(prepare));
    const measured = await Promise.all(prepared.map((one) => atRest(one, windows, windowMs)));
    return measured.flatMap(({ count, cpu, sent }): Figure[] => {
      const name = `${count.toLocaleString('en')} subscriptions`;
      return [
        { name: `CPU, ${name}`, unit: '% of a core', ours: cpu, goal: { atMost: 0.5 } },
        { name: `messages to the broker, ${name}`, unit: 'per minute', ours: sent, goal: { atMost: 30 } },
      ];
    });
  },
};

/** The peers, and a broker with so many records. */
async function prepare(count: number) {
  const [arena, broker] = await Promise.all([openArena(), startTestBroker()]);
  await seed(broker, arena.integrations.agent, count);
  return { count, arena, broker };
}

async function atRest(
  { count, arena, broker }: Awaited<ReturnType<typeof prepare>>,
  windows: number,
  windowMs: number,
) {
  const relay = await startCountingRelay(broker.port);
  const cpu: number[] = [];
  const sent: number[] = [];
  try {
    const agent = await arena.agent({
      gravitee_federation_broker_url: relay.url,
      gravitee_federation_sealingKey: randomBytes(32).toString('base64'),
    });
    await pause(settleMs);
    for (let window = 0; window < windows; window += 1) {
      const [cpuBefore, sentBefore] = [cpuMs(agent.pids), relay.sent()];
      await pause(windowMs);
      cpu.push(((cpuMs(agent.pids) - cpuBefore) / windowMs) * 100);
      sent.push(((relay.sent() - sentBefore) * 60_000) / windowMs);
    }
    await agent.stop();
  } finally {
    relay.stop();
    await Promise.all([arena.stop(), broker.stop()]);
  }
  return { count, cpu, sent };
}

/** Records of subscriptions whose keys APIM holds. */
async function seed(
  server: Awaited<ReturnType<typeof startTestBroker>>,
  integrationId: string,
  count: number,
): Promise<void> {
  const broker = await connectTestBroker(server, 'subscription-manager', realLimits);
  const records = await openBucket(broker, 'subscriptions', SubscriptionRecord);
  const at = Date.now();
  await mapConcurrently(
    Array.from({ length: count }, () => randomUUID()),
    64,
    async (graviteeSubscriptionId) => {
      await records.put(subscriptionKeys.record(integrationId, graviteeSubscriptionId), {
        integrationId,
        graviteeSubscriptionId,
        state: 'held',
        life: 1,
        strandedValues: [],
        keyId: graviteeSubscriptionId.slice(0, 10),
        account: '123456789012',
        region: 'eu-west-1',
        restApiId: 'api1',
        stage: 'prod',
        usagePlanId: 'plan1',
        keyName: `gravitee-${graviteeSubscriptionId}-1 Bench`,
        keyDescription: '',
        attempts: [{ commandId: randomUUID(), deadline: at, outcome: { state: 'delivered', at } }],
        pastAttempts: [],
        openCalls: 0,
        lastCreatingCallAt: at,
        createdAt: at,
        changedAt: at,
      });
    },
  );
  await broker.close();
}
