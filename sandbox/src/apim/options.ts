/** Options of the sandbox controller, with the names and defaults of the real controller with the same control API. */
import type { StoreKind } from './store.ts';

export interface ApimOptions {
  /** Integration id -> provider. */
  readonly integrations: Readonly<Record<string, string>>;
  readonly tokens: readonly string[];
  /** The address that both ports listen on. */
  readonly host: string;
  readonly wsPort: number;
  readonly httpPort: number;
  readonly healthIntervalMs: number;
  /** The time from the START_INGEST reply until the job exists. A batch before that is answered and dropped. */
  readonly jobDelayMs: number;
  /** Each batch restarts it. */
  readonly jobTimeoutMs: number;
  readonly commandTimeoutMs: number;
  /** How often a channel is pinged. */
  readonly pingIntervalMs: number;
  /** The release of the exchange library to imitate, where releases differ. */
  readonly exchangeVersion: string;
  /** The kind of database; the real controller of the interop tests has none. */
  readonly store: StoreKind;
}

export const defaultApimOptions: ApimOptions = {
  integrations: { 'integration-1': 'aws-api-gateway' },
  tokens: ['secret-token'],
  host: '127.0.0.1',
  wsPort: 0,
  httpPort: 0,
  healthIntervalMs: 30_000,
  jobDelayMs: 200,
  jobTimeoutMs: 300_000,
  commandTimeoutMs: 60_000,
  pingIntervalMs: 5_000,
  exchangeVersion: '2.0.1',
  store: 'jdbc',
};

/** Whether release `version` is `least` or newer; both are three numbers. */
export function isAtLeast(version: string, least: string): boolean {
  const numbers = (text: string): number[] => text.split('.').map(Number);
  const [left, right] = [numbers(version), numbers(least)];
  for (const [index, wanted] of right.entries()) {
    const have = left[index] ?? 0;
    if (have !== wanted) return have > wanted;
  }
  return true;
}
