/**
 * A small model of everything around `transition`: APIM, the link, the gates, the queue, two replicas, AWS. One value
 * holds it all, as plain JSON, so that it can be copied and compared. Time is in seconds and passes only at the points
 * that matter.
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
    /** `waited`: it looks again only when something has changed. */
    | { readonly step: 'look'; readonly waited?: true }
    | { readonly step: 'apply'; readonly event: SagaEvent }
    | { readonly step: 'act'; readonly actions: readonly Action[] }
    | { readonly step: 'call' }
    | { readonly step: 'receipt' }
    | { readonly step: 'ack' };
  /** What its actions are about. */
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
  /** Who waits for the answer; absent: nobody, but it may still execute. */
  process?: string;
}

interface Key {
  readonly keyId: string;
  readonly value: string;
  enabled: boolean;
  plan?: string;
}

/** The link's memory of a command. */
interface Held {
  readonly command: ModelCommand;
  readonly socket: number;
  phase: 'open' | 'gated' | 'written' | 'done';
  keyId?: string;
  /** What only the model knows: APIM has read the reply. */
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
  /** Commands sent, keys made: their ids count from here, so that like worlds look alike. */
  commands: number;
  made: number;
  apim: {
    subscribes: number;
    unsubscribes: number;
    pending?: ModelCommand;
    holds?: string;
    /** Key ids that an UNSUBSCRIBE was sent for. */
    named: string[];
    /** A SUBSCRIBE's key was read and not stored. */
    lostKeys: string[];
    plans: string[];
  };
  socket: number;
  /** Sockets that are cut and whose end the link has not seen yet. */
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
  /** Key ids that somebody deleted by hand, or whose plan is gone. */
  doomed: string[];
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
  /** Faults that may happen, each so often. */
  readonly faults: Partial<Record<FaultName, number>>;
  /** All faults together; absent: no further limit. */
  readonly anyFaults?: number;
  readonly plans?: readonly string[];
  /** The table; tests take rows out. */
  readonly rows?: readonly Row[];
  readonly limits?: Partial<SagaLimits>;
  readonly sweeper?: boolean;
  /** Bends what a replica sees. */
  readonly bend?: (event: SagaEvent, record: SubscriptionRecord | undefined) => SagaEvent;
}

export const modelLimits: SagaLimits = {
  attemptGrace: 10,
  writingGate: 60,
  lateCall: 1_000,
  purgeRun: 30,
  tombstone: 86_400,
};
/** A call that nobody waits for executes within this, or never. Shorter than W. */
export const lateBy = 900;
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
    made: 0,
    apim: {
      subscribes: options.subscribes,
      unsubscribes: options.unsubscribes,
      named: [],
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
    doomed: [],
    gonePlans: [],
    faults: { ...options.faults, any: options.anyFaults ?? 1_000 },
  };
}

/** A rule of the saga does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
