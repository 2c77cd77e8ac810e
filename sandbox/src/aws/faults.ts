import { z } from 'zod';
import { matchesPattern } from './iam.ts';

const Kind = <Name extends string>(name: Name) => z.strictObject({ kind: z.literal(name) });

/**
 * Kinds of faults. `reset` is a TCP reset, `hang` never answers. With `before` the call is not executed; with `after`
 * it is executed and only its answer is lost. `status` and `garbage` do not execute the call unless `executed` says so.
 */
export const Fault = z.discriminatedUnion('kind', [
  Kind('reset-before'),
  Kind('reset-after'),
  Kind('hang-before'),
  Kind('hang-after'),
  z.strictObject({ kind: z.literal('delay'), ms: z.number().min(0) }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    /** `x-amzn-ErrorType`, and the message of the usual JSON body. */
    errorType: z.string().optional(),
    message: z.string().optional(),
    /** Another body instead, with its content type. */
    body: z.string().optional(),
    contentType: z.string().optional(),
    /** Seconds or an HTTP date. */
    retryAfter: z.union([z.string(), z.number()]).optional(),
    executed: z.boolean().default(false),
  }),
  /** The header has the length of the whole body; half of it comes, then the connection closes. */
  Kind('truncate'),
  z.strictObject({
    kind: z.literal('garbage'),
    shape: z.enum(['html', 'xml', 'json']).default('html'),
    executed: z.boolean().default(false),
  }),
  /** A page of a list comes twice, with a new token for the page that was asked for. */
  Kind('duplicate-page'),
  /** The answer to an earlier, identical request. */
  Kind('stale-page'),
  Kind('expired-token'),
]);
export type Fault = z.infer<typeof Fault>;

/** The calls that a rule is about; absent fields match every call. `path` takes `*`. */
export const FaultMatch = z.strictObject({
  operation: z.union([z.string(), z.array(z.string())]).optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  accessKeyId: z.string().optional(),
});
export type FaultMatch = z.infer<typeof FaultMatch>;

/** A rule: lets `after` matching calls pass, then affects `times` calls (all further ones by default). */
export const FaultRule = z.strictObject({
  id: z.string().optional(),
  match: FaultMatch.default({}),
  after: z.int().min(0).default(0),
  times: z.int().min(1).optional(),
  fault: Fault,
});
export type FaultRule = z.infer<typeof FaultRule>;

/** A rule and its counts: calls that matched, and calls that it affected. */
export interface FaultReport {
  readonly id: string;
  readonly rule: FaultRule;
  readonly seen: number;
  readonly fired: number;
}

/** What a rule can check before the call is executed or even verified. */
interface FaultSubject {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly accessKeyId: string | undefined;
}

/** Rules in the order they were added. */
export interface Faults {
  add(rule: FaultRule): string;
  /** False when there is no such rule. */
  remove(id: string): boolean;
  clear(): void;
  report(): FaultReport[];
  /** The faults of a call: every delay that applies, and the first other fault. Counts them. */
  strike(subject: FaultSubject): { id: string; fault: Fault }[];
}

/** Whether a rule is about a call. */
function matches(match: FaultMatch, subject: FaultSubject): boolean {
  const { operation, path, ...rest } = match;
  if (operation !== undefined && ![operation].flat().includes(subject.operation)) return false;
  if (path !== undefined && !matchesPattern(path, subject.path)) return false;
  return (['account', 'region', 'method', 'accessKeyId'] as const).every(
    (name) => rest[name] === undefined || rest[name] === subject[name],
  );
}

/** Starts without rules. */
export function createFaults(): Faults {
  const rules = new Map<string, { rule: FaultRule; seen: number; fired: number }>();
  let named = 0;
  return {
    add(rule) {
      named += 1;
      const id = rule.id ?? `fault-${named}`;
      rules.set(id, { rule, seen: 0, fired: 0 });
      return id;
    },
    remove: (id) => rules.delete(id),
    clear: () => rules.clear(),
    report: () => [...rules].map(([id, state]) => ({ id, ...state })),
    strike(subject) {
      const struck: { id: string; fault: Fault }[] = [];
      for (const [id, state] of rules) {
        const { match, after, times, fault } = state.rule;
        if (!matches(match, subject)) continue;
        state.seen += 1;
        if (state.seen <= after || state.fired >= (times ?? Infinity)) continue;
        state.fired += 1;
        struck.push({ id, fault });
        if (fault.kind !== 'delay') break;
      }
      return struck;
    },
  };
}
