/** The result of a check. */

/** `note`: nothing is wrong, but somebody should know. `skipped`: not tried; the result says why. */
export type CheckStatus = 'ok' | 'note' | 'failed' | 'skipped';

/** All checks, in the order in which they are shown. */
export const checkNames = [
  'configuration',
  'secrets',
  'agent',
  'dns',
  'tcp',
  'tls',
  'upgrade',
  'hello',
  'broker',
  'jetstream',
  'broker permissions',
  'aws identity',
  'aws permission',
  'clock',
  'api keys',
] as const;
export type CheckName = (typeof checkNames)[number];

export interface CheckResult {
  readonly check: CheckName;
  /** What was checked: an endpoint, an integration, a target. Empty: there is only one. */
  readonly subject: string;
  readonly status: CheckStatus;
  readonly detail: string;
  /** How to fix it. */
  readonly fix?: string;
  /** Further lines, such as the chain of certificates. */
  readonly lines?: readonly string[];
}

/** A group of checks. Groups run in parallel; the checks of one group run one after the other. */
export interface Section {
  /** The check to name when the group as a whole fails. */
  readonly check: CheckName;
  readonly subject: string;
  readonly run: () => AsyncIterable<CheckResult>;
}

/** 2: the configuration cannot be used; 1: a check failed; 0: all good. */
export function exitCode(results: readonly CheckResult[]): 0 | 1 | 2 {
  const failed = results.filter(({ status }) => status === 'failed');
  if (failed.some(({ check }) => check === 'configuration' || check === 'secrets')) return 2;
  return failed.length > 0 ? 1 : 0;
}

/** In the order of the checks; results of one check keep their order. */
export function inOrder(results: readonly CheckResult[]): readonly CheckResult[] {
  return results.toSorted((a, b) => checkNames.indexOf(a.check) - checkNames.indexOf(b.check));
}
