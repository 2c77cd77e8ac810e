/**
 * The budget with its record in the broker: one token per AWS call, taken by compare-and-set. Without the broker there
 * are no tokens.
 */
import { budgetKey, type BudgetRecord, type Limits } from '@federation-agent/contracts';
import {
  type Clock,
  createSemaphore,
  describeError,
  type Semaphore,
  type Logger,
  type Metrics,
  type Randomness,
} from '@federation-agent/base';
import {
  type Broker,
  BrokerUnavailableError,
  type Bucket,
  changeRecord,
  type Entry,
  UnreadableRecordError,
} from '@federation-agent/broker';
import {
  currentBudget,
  slowDown,
  takeSlot,
  type BudgetConfig,
  type KeyCall,
  type Throttling,
} from './budget-step.ts';
import type { awsMetrics } from './metrics.ts';
import type { Priority } from './model.ts';

export interface BudgetOptions {
  readonly bucket: Bucket<BudgetRecord>;
  readonly broker: Pick<Broker, 'clockOffset'>;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly limits: Limits;
  readonly log: Logger;
  readonly metrics: Metrics<typeof awsMetrics>;
  /** Calls per second and calls at once, as configured. */
  readonly rate: number;
  readonly burst: number;
}

export interface TokenRequest {
  readonly account: string;
  readonly region: string;
  readonly priority: Priority;
  readonly keys: KeyCall | undefined;
  /** A token that becomes due after this is not taken (epoch ms of this host). */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `granted`: go now. `late`: not possible before the deadline. `stopped`: the signal came first. */
type Token = 'granted' | 'late' | 'stopped';

export interface Budget {
  take(ask: TokenRequest): Promise<Token>;
  /** Reports a 429; `sentAt` in epoch ms of this host. Never throws. */
  throttled(
    ask: Pick<TokenRequest, 'account' | 'region' | 'keys'>,
    facts: Omit<Throttling, 'keys'>,
  ): Promise<void>;
}

/** The pause before the next try while the broker is away, ms. */
const brokerPause = 250;

export function createBudget(options: BudgetOptions): Budget {
  const { bucket, broker, clock, random, limits, log, metrics } = options;
  const config: BudgetConfig = { rate: options.rate, burst: options.burst, recovery: limits.budgetRecovery };
  const semaphores = new Map<string, Semaphore>();
  /** Records as they were last written here. Nobody else may have written since: then the next write tells. */
  const written = new Map<string, Entry<BudgetRecord>>();
  const brokerNow = (): number => clock.now() + broker.clockOffset();

  const setRateMetrics = (
    { account, region }: Pick<TokenRequest, 'account' | 'region'>,
    record: BudgetRecord,
  ): void => {
    metrics.budgetRate.set({ account, region }, record.rate);
    metrics.budgetConfiguredRate.set({ account, region }, record.configured.rate);
  };

  const semaphoreOf = (name: string): Semaphore => {
    const semaphore = semaphores.get(name) ?? createSemaphore();
    semaphores.set(name, semaphore);
    return semaphore;
  };

  /** An unreadable record is replaced. That costs a burst, but otherwise nobody could call AWS any more. */
  async function read(key: string): Promise<Entry<BudgetRecord> | undefined> {
    try {
      return await bucket.get(key);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      log.warn(
        { key },
        'the budget record of this target cannot be read (from another version, or changed by hand); a new one replaces it',
      );
      const value = currentBudget(undefined, brokerNow(), config);
      return { key, value, revision: await bucket.put(key, value) };
    }
  }

  const isLate = (at: number, deadline: number | undefined): boolean =>
    deadline !== undefined && at - broker.clockOffset() >= deadline;

  /** One try: returns the time that a token is for, or how long to wait before the next try. */
  async function tryOnce(ask: TokenRequest): Promise<{ at: number } | { wait: number } | 'late'> {
    const key = budgetKey(ask.account, ask.region);
    const ahead = ask.priority === 'command' ? limits.budgetReserve : 0;
    const own = written.get(key);
    written.delete(key);
    const entry = own ?? (await read(key));
    const now = brokerNow();
    const step = takeSlot(entry?.value, now, config, { keys: ask.keys, ahead });
    setRateMetrics(ask, step.record);
    const refused = !step.granted || isLate(step.at, ask.deadline);
    if (refused && own) return { wait: 0 }; // Only what is in the bucket now may refuse.
    if (!step.granted) return { wait: step.until - now };
    if (refused) return 'late';
    const revision = entry
      ? await bucket.update(key, step.record, entry.revision)
      : await bucket.create(key, step.record);
    if (revision !== undefined) {
      written.set(key, { key, value: step.record, revision });
      return { at: step.at };
    }
    if (own) return { wait: 0 };
    metrics.budgetConflicts.inc();
    return { wait: random.fraction() * 20 };
  }

  async function reserve(ask: TokenRequest, signal: AbortSignal): Promise<number | 'late' | 'stopped'> {
    const leave = await semaphoreOf(
      `${budgetKey(ask.account, ask.region)} ${ask.priority} ${ask.keys ?? ''}`,
    ).acquire(signal);
    if (leave === undefined) return 'stopped';
    try {
      while (!signal.aborted) {
        let outcome: Awaited<ReturnType<typeof tryOnce>>;
        try {
          outcome = await tryOnce(ask);
        } catch (error) {
          if (!(error instanceof BrokerUnavailableError)) throw error;
          outcome = { wait: brokerPause * (1 + random.fraction()) };
        }
        if (outcome === 'late') return outcome;
        if ('at' in outcome) return outcome.at;
        if (outcome.wait > 0) await clock.sleep(outcome.wait, signal);
      }
      return 'stopped';
    } finally {
      leave();
    }
  }

  return {
    async take(ask) {
      const startedAt = clock.now();
      const end = new AbortController();
      const signal = ask.signal ? AbortSignal.any([ask.signal, end.signal]) : end.signal;
      // A call that queues past its deadline leaves the queue at the deadline, not when its turn comes.
      const alarm =
        ask.deadline === undefined
          ? undefined
          : clock.sleep(Math.max(0, ask.deadline - startedAt), signal).then(() => end.abort());
      try {
        const at = await reserve(ask, signal);
        if (at === 'late') return 'late';
        if (at !== 'stopped') await clock.sleep(Math.max(0, at - brokerNow()), signal);
        if (ask.signal?.aborted) return 'stopped';
        return at === 'stopped' || signal.aborted ? 'late' : 'granted';
      } finally {
        end.abort();
        await alarm;
        metrics.budgetWaitSeconds.observe({ priority: ask.priority }, (clock.now() - startedAt) / 1_000);
      }
    },

    async throttled({ account, region, keys }, facts) {
      const sentAt = facts.sentAt + broker.clockOffset();
      try {
        const entry = await changeRecord(
          bucket,
          budgetKey(account, region),
          (record) => slowDown(record, brokerNow(), config, { ...facts, keys, sentAt }),
          { clock, random },
        );
        if (entry) setRateMetrics({ account, region }, entry.value);
      } catch (error) {
        log.warn(
          { account, region },
          `a 429 could not be written to the budget, so the rate stays unchanged: ${describeError(error)}`,
        );
      }
    },
  };
}
