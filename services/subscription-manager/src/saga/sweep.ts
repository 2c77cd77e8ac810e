/** The sweeper drives every record that no live command drives. Every replica runs one; they need no leader. */
import { SagaState, type SubscriptionRecord } from '@federation-agent/contracts';
import { describeError, workAttributes } from '@federation-agent/base';
import { drive, type Actor } from './drive.ts';
import type { SeenGate, SweepEvent } from './events.ts';
import { openRecordIndex, type IndexedRecord, type RecordIndex } from './record-index.ts';
import { readGate } from './record.ts';
import { brokerNow, type Saga } from './saga.ts';
import { cleanUp } from './clean-up.ts';

export interface SweeperOptions {
  /** Only records of these integrations: this replica has no credentials for others. */
  readonly integrationIds: readonly string[];
  /** Called after every sweep with the records by state, or with why it failed. */
  readonly onSwept: (result: SweepResult) => void;
}

export type SweepResult =
  | {
      /** By state. */
      readonly records: Readonly<Record<string, number>>;
      /** Subscriptions with a key of unknown id, of this life or an earlier one. */
      readonly unresolved: number;
      /** Why records could not be driven at the last try, one reason each. */
      readonly failures: readonly string[];
      /** Open subscriptions of integrations that are not configured here, counted by integration. */
      readonly elsewhere: ReadonlyMap<string, number>;
      /** Which sealing keys are missing, and what to do. Absent: none is missing. */
      readonly unsealable?: string;
    }
  | { readonly failed: string };

/** Records driven at once: a purge takes up to 30 s and must not hold up the others. */
const atOnce = 16;

/** Sweeps at once and then every `sweepInterval`. `stop` waits for what is under way. */
export function startSweeper(saga: Saga, options: SweeperOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { log } = saga.telemetry.forArea('sweep');
  const runs: Runs = { underway: new Map(), failing: new Map(), elsewhere: new Map(), log };
  const loop = async (): Promise<void> => {
    let tidyAt = 0;
    const index = await openRecordIndex(saga, stopping.signal);
    while (!stopping.signal.aborted) {
      try {
        await sweepOnce(saga, index, options, runs, stopping.signal);
        if (saga.clock.now() >= tidyAt) {
          runs.elsewhere = elsewhereOf(await cleanUp(saga), options.integrationIds, runs);
          tidyAt = saga.clock.now() + saga.limits.tombstone / 24;
        }
      } catch (error) {
        options.onSwept({ failed: describeError(error) });
        log.warn({ reason: describeError(error) }, 'a sweep failed; the next one tries again');
      }
      await saga.clock.sleep(saga.limits.sweepInterval, stopping.signal);
    }
    await Promise.all([index.stop(), ...runs.underway.values()]);
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** State that lives from sweep to sweep. */
interface Runs {
  readonly underway: Map<string, Promise<void>>;
  /** Why a record could not be driven at the last try, by key. */
  readonly failing: Map<string, string>;
  /** As of the last clean-up. */
  elsewhere: ReadonlyMap<string, number>;
  readonly log: Saga['telemetry']['log'];
}

async function sweepOnce(
  saga: Saga,
  index: RecordIndex,
  { integrationIds, onSwept }: SweeperOptions,
  runs: Runs,
  signal: AbortSignal,
): Promise<void> {
  const end = saga.metrics.sweepSeconds.startTimer();
  const all = index.records();
  const mine = [...all].filter(([, { integrationId }]) => integrationIds.includes(integrationId));
  const records = mine.map(([, record]) => record);
  count(saga, records);
  const { underway, failing } = runs;
  for (const key of failing.keys()) if (!all.has(key)) failing.delete(key);
  for (const [key, record] of mine) {
    if (signal.aborted) return;
    const { sweepFrom = 0, sweepUntil } = record;
    const now = brokerNow(saga);
    if (sweepUntil === undefined || now < sweepFrom || now >= sweepUntil || underway.has(key)) continue;
    if (underway.size >= atOnce) await Promise.race(underway.values());
    const run = sweepRecord(saga, key, record, runs, signal).then(() => void underway.delete(key));
    underway.set(key, run);
  }
  end();
  const unsealable = unsealableOf(records);
  onSwept({
    records: byState(records),
    unresolved: unresolvedOf(records),
    failures: [...failing.values()],
    elsewhere: runs.elsewhere,
    ...(unsealable !== undefined && { unsealable }),
  });
}

/** Drives one record until there is nothing to do for now. When it fails, the next sweep tries again. */
async function sweepRecord(
  saga: Saga,
  key: string,
  { integrationId: integration, graviteeSubscriptionId: subscription }: IndexedRecord,
  { failing, log }: Runs,
  signal: AbortSignal,
): Promise<void> {
  try {
    await saga.telemetry.span(
      'subscription sweep',
      { attributes: workAttributes({ integration, subscription }) },
      () => drive(saga, key, sweeper(saga, signal)),
    );
    failing.delete(key);
  } catch (error) {
    if (signal.aborted) return;
    saga.metrics.sweepFailures.inc();
    const reason = describeError(error);
    // Logged once: every ten seconds the same line would hide new problems.
    if (!failing.has(key)) log.warn({ key, reason }, 'a record cannot be swept; every sweep tries again');
    failing.set(key, reason);
  }
}

/** A missing sealing key would be noticed only when a value is needed. This tells it earlier. */
function unsealableOf(records: readonly IndexedRecord[]): string | undefined {
  const sealed = records.flatMap(({ unknownSealingKey }) => unknownSealingKey ?? []);
  return sealed.length === 0
    ? undefined
    : `API keys of ${sealed.length} subscriptions are sealed with a key that is not configured (${[...new Set(sealed)].join(', ')}): add it to federation.previousSealingKeys`;
}

/** Logs an integration once when it leaves the configuration, because its keys stay in AWS. */
function elsewhereOf(
  records: readonly SubscriptionRecord[],
  integrationIds: readonly string[],
  { elsewhere: before, log }: Runs,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { integrationId, state } of records) {
    if (state === 'revoked' || integrationIds.includes(integrationId)) continue;
    counts.set(integrationId, (counts.get(integrationId) ?? 0) + 1);
  }
  for (const [integrationId, subscriptions] of counts) {
    if (!before.has(integrationId))
      log.warn(
        { integrationId, subscriptions },
        'there are subscriptions of an integration that is not configured here; their API keys stay in AWS until an agent on this broker that has the integration gets their UNSUBSCRIBE',
      );
  }
  return counts;
}

function sweeper(saga: Saga, signal: AbortSignal): Actor {
  return {
    by: { kind: 'sweeper' },
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

function byState(records: readonly IndexedRecord[]): Record<string, number> {
  const counts = Object.fromEntries(SagaState.options.map((state) => [state, 0]));
  for (const { state } of records) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function count(saga: Saga, records: readonly IndexedRecord[]): void {
  const counts = byState(records);
  for (const [state, number] of Object.entries(counts)) saga.metrics.records.set({ state }, number);
  saga.metrics.unconfirmed.set(counts['unconfirmed'] ?? 0);
  saga.metrics.unresolved.set(unresolvedOf(records));
}

function unresolvedOf(records: readonly IndexedRecord[]): number {
  return records.filter(({ unresolved }) => unresolved).length;
}
