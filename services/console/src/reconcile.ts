/**
 * Compares the records with the API keys in AWS, for operators: one run at a time, the last one is kept. Only
 * subscription-manager calls AWS; it answers page by page, so this is where the pages come together.
 */
import {
  KeyPage,
  KeyPlans,
  KeyTargets,
  mostKeysAsked,
  type AskKeys,
  type JudgedKey,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { askOperator, dispositionOf, OperatorRefusal, type Broker } from '@federation-agent/broker';
import type { z } from 'zod';
import type { Finding, ReconcileRequest, ReconcileTarget, Reconciliation } from './api/index.ts';
import { findingsOf, heldRecords, isInPlan, type ReadTarget } from './model/findings.ts';
import type { ShownRecord } from './model/subscriptions.ts';

export interface ReconcileOptions {
  readonly broker: Broker;
  /** Ids of the integrations of this installation. */
  readonly integrationIds: readonly string[];
  /** All that there are now. */
  readonly records: () => Promise<readonly ShownRecord[]>;
}

export interface Reconciliations {
  last(): Reconciliation;
  /** Starts a run unless one is running. @returns whether it started */
  start(request: ReconcileRequest, by: string): boolean;
  /** Ends a run under way. */
  stop(): void;
}

/** A question that has no answer is asked again so often, with this pause: AWS throttles, or the broker is away. */
const tries = 20;
const pauseMs = 3_000;

/** How a target is shown while it is compared. */
type Show = (changes: Partial<ReconcileTarget>) => void;

export function createReconciliations(options: ReconcileOptions): Reconciliations {
  const { broker, integrationIds } = options;
  const { clock } = broker;
  const stopping = new AbortController();
  const now = (): number => Math.round(clock.now() + broker.clockOffset());
  let last: Reconciliation = { state: 'never', targets: [], findings: [] };

  const ask = async <T>(request: AskKeys, schema: z.ZodType<T>): Promise<T> => {
    const subject = broker.subjects.operator('keys', request.integrationId);
    for (let asked = 1; ; asked += 1) {
      try {
        return await askOperator(broker, { who: 'subscription-manager', subject, request }, schema);
      } catch (error) {
        if (asked >= tries || stopping.signal.aborted || !mayAnswerLater(error)) throw error;
        await clock.sleep(pauseMs, stopping.signal);
      }
    }
  };

  const show = (index: number, changes: Partial<ReconcileTarget>): void => {
    const targets = last.targets.map((one, at) => (at === index ? { ...one, ...changes } : one));
    last = { ...last, targets };
  };

  const run = async (request: ReconcileRequest, by: string, startedAt: number): Promise<void> => {
    const wanted = integrationIds.filter((id) => (request.integrationId ?? id) === id);
    for (const integrationId of wanted) {
      const known = await ask({ do: 'targets', integrationId, by }, KeyTargets);
      const targets = targetsOf(integrationId, known, await options.records()).filter(
        ({ account, region }) =>
          (request.account ?? account) === account && (request.region ?? region) === region,
      );
      last = { ...last, targets: [...last.targets, ...targets] };
    }
    const findings: Finding[] = [];
    for (const [index, target] of last.targets.entries()) {
      if (target.state !== 'waiting') continue;
      const showTarget: Show = (changes) => show(index, changes);
      try {
        findings.push(...(await compareTarget(target, showTarget, { request, by, startedAt })));
      } catch (error) {
        showTarget({ state: 'failed', reason: describeError(error) });
      }
    }
    last = { ...last, findings: distinct(findings) };
  };

  const compareTarget = async (
    { integrationId, account, region }: ReconcileTarget,
    showTarget: Show,
    { request, by, startedAt }: { request: ReconcileRequest; by: string; startedAt: number },
  ): Promise<Finding[]> => {
    const place = { integrationId, account, region };
    showTarget({ state: 'reading' });
    const keys = new Map<string, JudgedKey>();
    const others = new Set<string>();
    let position: string | undefined;
    do {
      const from = position === undefined ? {} : { position };
      const page = await ask({ do: 'page', ...place, ...from, by }, KeyPage);
      if ('denied' in page) {
        const { action, resource } = page.denied;
        showTarget({ state: 'denied', reason: `allow ${action} on ${resource} to compare` });
        return [];
      }
      for (const key of page.keys) keys.set(key.keyId, key);
      for (const id of page.others) others.add(id);
      position = page.position;
      showTarget({ keys: keys.size + others.size });
    } while (position !== undefined);

    const plans = new Map<string, readonly string[]>();
    const target: ReadTarget = { ...place, keys, others, plans };
    const inPlan = heldRecords(await options.records(), place, startedAt).filter(isInPlan);
    const there = inPlan.map(({ keyId }) => keyId).filter((id) => keys.has(id) || others.has(id));
    const total = request.plans ? there.length : 0;
    for (let done = 0; done < total; done += mostKeysAsked) {
      showTarget({ plans: { done, total } });
      const keyIds = there.slice(done, done + mostKeysAsked);
      const answer = await ask({ do: 'plans', ...place, keyIds, by }, KeyPlans);
      for (const [keyId, ids] of Object.entries(answer.plans)) plans.set(keyId, ids);
    }
    showTarget({ state: 'done', plans: { done: total, total } });
    return findingsOf(target, heldRecords(await options.records(), place, startedAt), integrationIds);
  };

  return {
    last: () => last,
    start: (request, by) => {
      if (last.state === 'running') return false;
      const startedAt = now();
      last = { state: 'running', by, startedAt, targets: [], findings: [] };
      void run(request, by, startedAt)
        .catch((error: unknown) => {
          last = { ...last, failure: describeError(error) };
        })
        .then(() => {
          last = { ...last, state: 'done', endedAt: now() };
        });
      return true;
    },
    stop: () => stopping.abort(),
  };
}

/** Nobody answers, or it could not be answered in time. */
function mayAnswerLater(error: unknown): boolean {
  return error instanceof OperatorRefusal ? error.status === 503 : dispositionOf(error) === 'retryable';
}

/** Integrations with the same account and region see the same keys. */
function distinct(findings: readonly Finding[]): Finding[] {
  const byKey = new Map<string, Finding>();
  for (const finding of findings.toSorted((a, b) => Number(a.deletable) - Number(b.deletable))) {
    byKey.set([finding.kind, finding.account, finding.region, finding.keyId].join(' '), finding);
  }
  return [...byKey.values()];
}

/** The configured targets, and those that only records have. */
function targetsOf(
  integrationId: string,
  { targets, waiting }: KeyTargets,
  records: readonly ShownRecord[],
): ReconcileTarget[] {
  const fresh = { integrationId, keys: 0, plans: { done: 0, total: 0 } };
  const name = ({ account, region }: { account: string; region: string }): string => `${account}/${region}`;
  const known = new Set(targets.map(name));
  const strangers = records.filter(
    (record) =>
      record.integrationId === integrationId && record.state !== 'revoked' && !known.has(name(record)),
  );
  const elsewhere = new Map(
    strangers.map(({ account, region }) => [`${account}/${region}`, { account, region }]),
  );
  const reason = 'there are subscriptions, and it is no target that the agent can use now';
  return [
    ...targets.map((target) => ({ ...fresh, ...target, state: 'waiting' as const })),
    ...[...elsewhere.values()].map((target) => ({ ...fresh, ...target, state: 'failed' as const, reason })),
    ...waiting.map((why) => ({ ...fresh, account: '', region: '', state: 'failed' as const, reason: why })),
  ];
}
