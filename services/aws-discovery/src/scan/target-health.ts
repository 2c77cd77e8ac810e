/**
 * The targets of one integration in the health report: who, where, how fresh, and what to do. Every replica reports
 * every target from its record, whoever scanned it. None is ever required: what AWS denies must not end a process.
 */
import type { Target, WaitingTarget } from '@federation-agent/aws-control-plane';
import type { ScanRecord } from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';
import type { Health } from '@federation-agent/service-kit';
import { errorAdvice, fixForCode, parseSummary } from '../error-advice.ts';
import { createRepeatedWarnings } from '../repeated-warnings.ts';

export interface TargetHealth {
  /** The targets that exist now; all others leave the report. */
  show(ready: readonly Target[], waiting: readonly WaitingTarget[]): void;
  /** @param listedStages after the last complete scan */
  known(target: Target, record: ScanRecord, listedStages: number | undefined): void;
  /** Its record cannot be read. */
  unknown(target: Target, error: unknown): void;
}

export function createTargetHealth(
  integrationId: string,
  { health, telemetry, clock }: { health: Health; telemetry: Telemetry; clock: Clock },
): TargetHealth {
  const log = telemetry.log.child({ integrationId });
  const warnings = createRepeatedWarnings(clock);
  const shown = new Set<string>();
  const nameOf = (label: string): string => `aws:${integrationId}:${label}`;
  const labelOf = ({ account, region }: Target): string => `${account}/${region}`;
  const set = (label: string, state: Parameters<Health['set']>[1]): void => {
    shown.add(label);
    health.set(nameOf(label), state);
  };

  return {
    show: (ready, waiting) => {
      for (const { label, account, region, reason } of waiting) {
        const code = 'aws-credentials';
        const fix = fixForCode(code);
        if (warnings.shouldLog(label, reason)) {
          log.error(
            { target: label, account, region, code, reason, fix },
            'the target waits: its account is not known yet, or is not the configured one; until then none of its APIs is read',
          );
        }
        const state = 'waits for its account';
        const data = { target: label, account, region, state, lastError: { code, fix } };
        set(label, { status: 'degraded', detail: reason, data });
      }
      const waits = new Set(waiting.map(({ label }) => label));
      const there = new Set(ready.map(labelOf));
      for (const label of shown) {
        if (waits.has(label) || there.has(label)) continue;
        shown.delete(label);
        health.remove(nameOf(label));
        if (warnings.clear(label)) log.info({ target: label }, 'the target no longer waits');
      }
    },

    known: (target, record, listedStages) => {
      const label = labelOf(target);
      if (warnings.clear(label)) log.info(placeOf(target), 'the record of the target can be read again');
      set(label, stateOf(target, record, listedStages));
    },

    unknown: (target, error) => {
      const label = labelOf(target);
      const explained = errorAdvice(error);
      const { code, reason, fix } = explained;
      if (warnings.shouldLog(label, reason)) {
        log.warn(
          { ...placeOf(target), ...explained },
          'the scan record of the target cannot be read: it is not scanned until it can, and its last good catalog stays',
        );
      }
      const data = { ...placeOf(target), state: 'not known', lastError: { code, fix } };
      set(label, { status: 'degraded', detail: `${reason}. To do: ${fix}`, data });
    },
  };
}

function placeOf({ account, region, identity }: Target) {
  return { account, region, identity };
}

function stateOf(
  target: Target,
  { lastCompleteAt, lastAttemptAt, lastFailure, listsReadAt }: ScanRecord,
  listedStages: number | undefined,
): Parameters<Health['set']>[1] {
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const data = {
    ...placeOf(target),
    lastCompleteScan: time(lastCompleteAt),
    apis: listedStages,
    lastScan: time(lastAttemptAt),
  };
  if (lastFailure === undefined) {
    const state = lastCompleteAt === undefined ? 'waits for its first scan' : 'up to date';
    return { status: 'up', data: { ...data, state } };
  }
  const { code, reason } = parseSummary(lastFailure);
  const fix = fixForCode(code);
  const partly = listsReadAt !== undefined && listsReadAt >= (lastAttemptAt ?? 0);
  const state = partly ? 'partly stale' : listsReadAt === undefined ? 'never read' : 'stale';
  const listed =
    listsReadAt === undefined ? 'nothing is listed' : `what is listed is of ${time(listsReadAt)}`;
  return {
    status: 'degraded',
    detail: `${reason}; ${partly ? 'the rest is up to date' : listed}. To do: ${fix}`,
    data: { ...data, state, lastError: { code, fix } },
  };
}
