/** The sweeper: drives every record that no live command drives. Every replica has one; they need no leader. */
import { subscriptionKeys, SagaState, type SubscriptionRecord } from '@federation-agent/contracts';
import { describeError, type Entry } from '@federation-agent/service-kit';
import { drive, type Actor } from './drive.ts';
import type { SeenGate, SweepEvent } from './events.ts';
import { readGate } from './record.ts';
import { brokerNow, type Saga } from './saga.ts';
import { tidy } from './tidy.ts';

export interface SweeperOptions {
  /** Only records of these integrations: for others this replica has no credentials. */
  readonly integrationIds: readonly string[];
  /** Told after every sweep: the records by state, or why it failed. */
  readonly onSwept: (result: SweepResult) => void;
}

export type SweepResult =
  | { readonly records: Readonly<Record<string, number>>; readonly failures: number }
  | { readonly failed: string };

/** Records driven at once: a purge takes up to 30 s and must not hold up the others. */
const atOnce = 16;

/** Sweeps at once and then every `sweepInterval`. `stop` waits for what is under way. */
export function startSweeper(saga: Saga, options: SweeperOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const underway = new Map<string, Promise<void>>();
  const loop = async (): Promise<void> => {
    let tidyAt = 0;
    while (!stopping.signal.aborted) {
      try {
        await sweepOnce(saga, options, underway, stopping.signal);
        if (saga.clock.now() >= tidyAt) {
          await tidy(saga);
          tidyAt = saga.clock.now() + saga.limits.tombstone / 24;
        }
      } catch (error) {
        options.onSwept({ failed: describeError(error) });
        saga.telemetry.log.warn({ reason: describeError(error) }, 'a sweep failed; the next one tries again');
      }
      await saga.clock.sleep(saga.limits.sweepInterval, stopping.signal);
    }
    await Promise.all(underway.values());
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function sweepOnce(
  saga: Saga,
  { integrationIds, onSwept }: SweeperOptions,
  underway: Map<string, Promise<void>>,
  signal: AbortSignal,
): Promise<void> {
  const end = saga.metrics.sweepSeconds.startTimer();
  const entries: Entry<SubscriptionRecord>[] = [];
  for (const integrationId of integrationIds) {
    entries.push(...(await saga.records.entries(subscriptionKeys.ofIntegration(integrationId))));
  }
  count(saga, entries);
  let failures = 0;
  for (const { key, value } of entries) {
    if (signal.aborted) return;
    if (!restless(value, brokerNow(saga), saga.limits.tombstone) || underway.has(key)) continue;
    if (underway.size >= atOnce) await Promise.race(underway.values());
    const run = sweepRecord(saga, key, signal).then((ok) => {
      underway.delete(key);
      if (!ok) failures += 1;
    });
    underway.set(key, run);
  }
  end();
  onSwept({ records: byState(entries), failures });
}

/** One record, until there is nothing to do for now. False: it failed, and the next sweep tries again. */
async function sweepRecord(saga: Saga, key: string, signal: AbortSignal): Promise<boolean> {
  try {
    await saga.telemetry.span('subscription sweep', { attributes: { 'federation.record': key } }, () =>
      drive(saga, key, sweeper(saga, signal)),
    );
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    saga.metrics.sweepFailures.inc();
    saga.telemetry.log.warn(
      { key, reason: describeError(error) },
      'record not swept; the next sweep tries again',
    );
    return false;
  }
}

function sweeper(saga: Saga, signal: AbortSignal): Actor {
  return {
    signal,
    answered: () => false,
    look: async (record): Promise<SweepEvent> => {
      const gates = new Map<string, SeenGate>();
      for (const { commandId, outcome } of record?.attempts ?? []) {
        if (outcome === undefined) gates.set(commandId, await readGate(saga, commandId));
      }
      const planGone = record?.state === 'unconfirmed' && (await saga.plans.isGone(record));
      return { kind: 'sweep', gates, planGone, run: saga.random.uuid(), now: brokerNow(saga) };
    },
    // A sweeper has no command to answer.
    answer: () => Promise.resolve(undefined),
  };
}

/** Whether a sweep may have something to do. */
export function restless({ state, attempts }: SubscriptionRecord, now: number, tombstone: number): boolean {
  if (state === 'revoked' || state === 'unresolved') return false;
  // Another attempt's gate may still become final; past a day nobody asks for it any more.
  if (state === 'held')
    return attempts.some(({ outcome, deadline }) => !outcome && now < deadline + tombstone);
  return true;
}

function byState(entries: readonly Entry<SubscriptionRecord>[]): Record<string, number> {
  const counts = Object.fromEntries(SagaState.options.map((state) => [state, 0]));
  for (const { value } of entries) counts[value.state] = (counts[value.state] ?? 0) + 1;
  return counts;
}

function count(saga: Saga, entries: readonly Entry<SubscriptionRecord>[]): void {
  const counts = byState(entries);
  for (const [state, number] of Object.entries(counts)) saga.metrics.records.set({ state }, number);
  saga.metrics.unconfirmed.set(counts['unconfirmed'] ?? 0);
  saga.metrics.unresolved.set(
    entries.filter(({ value }) => value.state === 'unresolved' || value.strandedValues.length > 0).length,
  );
}
