/** What a policy or an AWS may lack, and everything else goes on: said once, and when it is over. */
import { isRefused } from '@federation-agent/aws-control-plane';
import type { Telemetry } from '@federation-agent/base';
import { errorSummary, fixForCode, type ErrorSummary } from '../error-advice.ts';

/** Where one opt-in is read. */
interface OptInPlace {
  readonly integrationId: string;
  readonly account: string;
  readonly region: string;
}

export interface OptIn {
  /** In words: `HTTP and WebSocket APIs`. */
  readonly what: string;
  /** Configuration keys that turn it off. */
  readonly keys: string;
}

/** Refusals of this process. */
export interface OptIns {
  /**
   * Notes a failure, and logs one line when it is the first refusal there.
   *
   * @returns the failure when it may pass by itself, so that the scan counts it
   */
  failed(optIn: OptIn, place: OptInPlace, error: unknown): ErrorSummary | undefined;
  /** It was read. */
  read(optIn: OptIn, place: OptInPlace): void;
  /** Why it was refused there; undefined: it was not. */
  refusal(optIn: OptIn, place: OptInPlace): ErrorSummary | undefined;
}

export const optIns = {
  v2: { what: 'HTTP and WebSocket APIs', keys: 'httpApis and webSocketApis' },
  domains: { what: 'custom domains', keys: 'customDomains' },
  account: { what: "the account's throttle", keys: 'accountLimits' },
} as const satisfies Record<string, OptIn>;

export function createOptIns(telemetry: Telemetry): OptIns {
  const refusals = new Map<string, ErrorSummary>();
  const keyOf = ({ what }: OptIn, { integrationId, account, region }: OptInPlace): string =>
    `${what} ${integrationId} ${account} ${region}`;
  return {
    failed(optIn, { integrationId, account, region }, error) {
      const summary = errorSummary(error);
      if (!isRefused(error)) return summary;
      const key = keyOf(optIn, { integrationId, account, region });
      const before = refusals.get(key);
      refusals.set(key, summary);
      if (before) return undefined;
      telemetry.log.warn(
        { integrationId, account, region, ...summary, fix: fixOf(optIn, summary) },
        `${optIn.what} cannot be read: everything else goes on, and what is known of them stays`,
      );
      return undefined;
    },
    read(optIn, { integrationId, account, region }) {
      if (refusals.delete(keyOf(optIn, { integrationId, account, region })))
        telemetry.log.info({ integrationId, account, region }, `${optIn.what} can be read again`);
    },
    refusal: (optIn, place) => refusals.get(keyOf(optIn, place)),
  };
}

function fixOf({ keys }: OptIn, { code }: ErrorSummary): string {
  return code === 'aws-denied'
    ? `${fixForCode(code)}; or turn off ${keys}`
    : `this AWS does not have them: turn off ${keys}`;
}
