import { z } from 'zod';

/** How a request ended, as far as the sandbox knows. */
export type Ending = 'answered' | 'reset' | 'hung' | 'cut';

/** One request. `at` is in milliseconds of the sandbox's clock. It never has a body. */
export interface LogEntry {
  readonly at: number;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly accessKeyId: string | undefined;
  /** ARN of the signer; undefined when unknown. */
  caller: string | undefined;
  /** The SDK's `attempt=2; max=3`. */
  readonly attempt: string | undefined;
  /** The same for all attempts of one call of the SDK. */
  readonly invocationId: string | undefined;
  readonly traceparent: string | undefined;
  /** HTTP status, even when the answer was never sent; undefined when the call was not executed. */
  status: number | undefined;
  /** `x-amzn-ErrorType` of the answer. */
  errorType: string | undefined;
  /** Whether the operation was executed. */
  executed: boolean;
  ending: Ending | undefined;
  /** Ids of the fault rules that took effect. */
  faults: readonly string[];
}

/** Selects entries; absent fields match all. `since` in milliseconds. */
export const LogFilter = z.strictObject({
  operation: z.string().optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  accessKeyId: z.string().optional(),
  caller: z.string().optional(),
  since: z.number().optional(),
});
export type LogFilter = z.infer<typeof LogFilter>;

/** Counts over the matching entries. */
export interface Counters {
  readonly calls: number;
  readonly executed: number;
  readonly throttled: number;
  readonly denied: number;
  /** The highest number of requests within any 1,000 ms. */
  readonly peakPerSecond: number;
  readonly byOperation: Record<string, number>;
  readonly byCaller: Record<string, number>;
}

/** The highest number of `times` (milliseconds, in any order) within any `windowMs`. */
export function peakWithin(times: readonly number[], windowMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let peak = 0;
  for (const [index, at] of sorted.entries()) {
    while ((sorted[first] ?? at) <= at - windowMs) first += 1;
    peak = Math.max(peak, index - first + 1);
  }
  return peak;
}

/** The last requests; above a bound, older ones are dropped. */
export interface RequestLog {
  open(entry: LogEntry): LogEntry;
  entries(filter: LogFilter): LogEntry[];
  counters(filter: LogFilter): Counters;
  clear(): void;
}

const BOUND = 200_000;

/** An empty log. */
export function createRequestLog(): RequestLog {
  let log: LogEntry[] = [];
  const entries = ({ since, ...wanted }: LogFilter) =>
    log.filter(
      (entry) =>
        (since === undefined || entry.at >= since) &&
        (['operation', 'account', 'region', 'accessKeyId', 'caller'] as const).every(
          (name) => wanted[name] === undefined || wanted[name] === entry[name],
        ),
    );
  return {
    open(entry) {
      log.push(entry);
      if (log.length > BOUND) log = log.slice(BOUND / 2);
      return entry;
    },
    entries,
    counters(filter) {
      const matching = entries(filter);
      return {
        calls: matching.length,
        executed: matching.filter((entry) => entry.executed).length,
        throttled: matching.filter((entry) => entry.errorType === 'TooManyRequestsException').length,
        denied: matching.filter((entry) => entry.errorType === 'AccessDeniedException').length,
        peakPerSecond: peakWithin(
          matching.map((entry) => entry.at),
          1000,
        ),
        byOperation: countBy(matching, (entry) => entry.operation),
        byCaller: countBy(matching, (entry) => entry.caller ?? 'unknown'),
      };
    },
    clear: () => {
      log = [];
    },
  };
}

function countBy(entries: readonly LogEntry[], name: (entry: LogEntry) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const entry of entries) counts[name(entry)] = (counts[name(entry)] ?? 0) + 1;
  return counts;
}
