/** Runs the doctor for operators, one run at a time, and keeps the last report. */
import { describeError, type Clock } from '@federation-agent/base';
import type { DoctorCheck, DoctorReport } from './api/index.ts';

/** Runs all checks. Never rejects because of what it finds. */
export type RunDoctor = (
  waitingFor: (subjects: readonly string[]) => void,
) => Promise<readonly DoctorCheck[]>;

export interface DoctorRuns {
  report(): DoctorReport;
  /** Starts a run unless one is running. @returns whether it started */
  start(): boolean;
}

const elsewhere =
  'this process does not have what the checks need: run `federation-agent doctor` where the services run, with their configuration';

/** @param run undefined: this process cannot run it @param onChange called when the report has changed */
export function createDoctorRuns(
  run: RunDoctor | undefined,
  { now }: Pick<Clock, 'now'>,
  onChange: () => void,
): DoctorRuns {
  const nothing = { waitingFor: [], checks: [], failed: 0 };
  let report: DoctorReport =
    run === undefined
      ? { state: 'unavailable', message: elsewhere, ...nothing }
      : { state: 'never', ...nothing };
  const set = (next: DoctorReport): void => {
    report = next;
    onChange();
  };
  return {
    report: () => report,
    start: () => {
      if (run === undefined || report.state === 'running') return false;
      const startedAt = now();
      set({ state: 'running', startedAt, ...nothing });
      const waitingFor = (subjects: readonly string[]): void => set({ ...report, waitingFor: [...subjects] });
      run(waitingFor).then(
        (checks) => {
          const failed = checks.filter(({ status }) => status === 'failed').length;
          set({ state: 'done', startedAt, endedAt: now(), waitingFor: [], checks: [...checks], failed });
        },
        (error: unknown) =>
          set({
            state: 'done',
            message: describeError(error),
            startedAt,
            endedAt: now(),
            ...nothing,
            failed: 1,
          }),
      );
      return true;
    },
  };
}
