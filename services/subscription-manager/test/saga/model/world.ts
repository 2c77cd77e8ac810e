/**
 * A small model of everything around `transition`: APIM, the link, the gates, the queue, two replicas, AWS. One value
 * of plain JSON has all of it, so that it can be copied and compared. Time is in seconds, and passes only to points at
 * which something changes.
 */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { Action, GateState, SagaEvent, SagaLimits } from '../../../src/saga/events.ts';
import type { Row } from '../../../src/saga/transition-row.ts';
import { table } from '../../../src/saga/transition.ts';

type CommandType = 'SUBSCRIBE' | 'UNSUBSCRIBE';

export interface ModelCommand {
  readonly id: string;
  readonly type: CommandType;
  readonly sentAt: number;
  /** Of an UNSUBSCRIBE. */
  readonly keyId?: string;
  /** Of a SUBSCRIBE. */
  readonly plan?: string;
}

/** A process of a replica: a handler of a command, or a sweep. */
export interface Process {
  /** `<replica>:<command>`, or `<replica>:sweep`. */
  readonly id: string;
  readonly replica: number;
  readonly command?: ModelCommand;
  at:
    /** `waited`: it looks again only after a change. */
    | { readonly step: 'look'; readonly waited?: true }
    | { readonly step: 'apply'; readonly event: SagaEvent }
    | { readonly step: 'act'; readonly actions: readonly Action[] }
    | { readonly step: 'call' }
    | { readonly step: 'receipt' }
    | { readonly step: 'ack' };
  /** The life, value and plan that its actions work on. */
  about?: { readonly life: number; readonly value: string; readonly plan: string };
  began?: number;
  answered?: boolean;
}

export interface Call {
  readonly id: number;
  readonly kind: 'create' | 'import' | 'attach' | 'purge';
  readonly life: number;
  readonly value: string;
  readonly keyId?: string;
  readonly run?: string;
  readonly plan: string;
  readonly sentAt: number;
  /** The process that waits for the answer; absent: nobody waits, but the call may still execute. */
  process?: string;
}

interface Key {
  readonly keyId: string;
  readonly value: string;
  enabled: boolean;
  plan?: string;
}

/** What the link remembers of a command. */
interface Held {
  readonly command: ModelCommand;
  readonly socket: number;
  phase: 'open' | 'gated' | 'written' | 'done';
  keyId?: string;
  /** APIM has read the reply; only the model knows it. */
  read?: boolean;
}

interface Frame {
  readonly commandId: string;
  readonly ok: boolean;
  readonly socket: number;
  readonly keyId?: string;
}

export interface World {
  now: number;
  /** How many commands were sent and keys made. Ids are made from these, so that equal worlds have equal ids. */
  commands: number;
  keysMade: number;
  apim: {
    subscribes: number;
    unsubscribes: number;
    pending?: ModelCommand;
    holds?: string;
    /** Ids of keys for which an UNSUBSCRIBE was sent. */
    unsubscribedKeys: string[];
    /** Ids of keys that APIM read in a reply but did not store. */
    lostKeys: string[];
    plans: string[];
  };
  socket: number;
  /** Sockets that are cut, while the link has not noticed it yet. */
  cut: number[];
  link: Record<string, Held>;
  wire: Frame[];
  pongs: { readonly commandId: string; readonly socket: number }[];
  written: Record<string, number>;
  gates: Record<string, { state: GateState; at: number }>;
  queue: { readonly command: ModelCommand; deliveries: number }[];
  processes: Process[];
  record?: SubscriptionRecord;
  keys: Key[];
  calls: Call[];
  /** Ids of keys that somebody deleted by hand, or whose plan is gone. */
  unusableKeys: string[];
  gonePlans: string[];
  faults: Record<string, number>;
}

/** What may go wrong. */
export const faultNames = [
  'replica crash',
  'link crash',
  'cut',
  'lost answer',
  'redelivery',
  'second sweeper',
  'not stored',
  'key deleted by hand',
  'plan gone',
  'limit exceeded',
  'throttled',
] as const;
export type FaultName = (typeof faultNames)[number];

export interface ModelOptions {
  readonly subscribes: number;
  readonly unsubscribes: number;
  /** How often each fault may happen. */
  readonly faults: Partial<Record<FaultName, number>>;
  /** How many faults may happen in total; absent: no further limit. */
  readonly anyFaults?: number;
  readonly plans?: readonly string[];
  /** The table; tests remove rows. */
  readonly rows?: readonly Row[];
  readonly limits?: Partial<SagaLimits>;
  readonly sweeper?: boolean;
  /** Changes what a replica sees. */
  readonly alterEvent?: (event: SagaEvent, record: SubscriptionRecord | undefined) => SagaEvent;
}

export const modelLimits: SagaLimits = {
  attemptGrace: 10,
  writingGate: 60,
  lateCall: 1_000,
  purgeRun: 30,
  tombstone: 86_400,
};
/** A call that nobody waits for executes within this time, or never. Shorter than W. */
export const lateCallExecutesWithin = 900;
export const deadline = 50;
export const replyDeadline = 55;
export const commandTimeout = 60;
/** Total time-out of a creating call. */
export const callTimeout = 10;

export function limitsOf(options: ModelOptions): SagaLimits {
  return { ...modelLimits, ...options.limits };
}

export function rowsOf(options: ModelOptions): readonly Row[] {
  return options.rows ?? table;
}

export function newWorld(options: ModelOptions): World {
  return {
    now: 0,
    commands: 0,
    keysMade: 0,
    apim: {
      subscribes: options.subscribes,
      unsubscribes: options.unsubscribes,
      unsubscribedKeys: [],
      lostKeys: [],
      plans: [...(options.plans ?? ['plan'])],
    },
    socket: 0,
    cut: [],
    link: {},
    wire: [],
    pongs: [],
    written: {},
    gates: {},
    queue: [],
    processes: [],
    keys: [],
    calls: [],
    unusableKeys: [],
    gonePlans: [],
    faults: { ...options.faults, any: options.anyFaults ?? 1_000 },
  };
}

/** A rule of the saga does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
