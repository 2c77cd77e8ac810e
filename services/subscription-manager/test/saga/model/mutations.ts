/** Removes the rules of the saga one at a time. Without each of them the model must find a violation. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import * as change from '../../../src/saga/changes.ts';
import type { SagaEvent } from '../../../src/saga/events.ts';
import { rowForStates, type Row } from '../../../src/saga/transition-row.ts';
import { table } from '../../../src/saga/transition.ts';
import type { FaultName, ModelOptions } from './world.ts';

export interface Mutation {
  readonly without: string;
  /** The violation that the model must find. */
  readonly harm: RegExp;
  /** Of random walks that find it soon. Any seed finds it within some thousand walks. */
  readonly seed?: number;
  readonly options: ModelOptions;
}

const faults = (...names: FaultName[]): ModelOptions['faults'] =>
  Object.fromEntries(names.map((name) => [name, 1]));

/** The table with rows of these names replaced by others, or left out. */
function replaced(names: readonly string[], ...instead: readonly Row[]): readonly Row[] {
  const first = table.findIndex(({ name }) => names.includes(name));
  const rest = (part: readonly Row[]) => part.filter(({ name }) => !names.includes(name));
  return [...rest(table.slice(0, first)), ...instead, ...rest(table.slice(first))];
}

const made = ['attached', 'held', 'unconfirmed'] as const;

function unsubscribesWhateverThereIs(event: SagaEvent, record: SubscriptionRecord | undefined): SagaEvent {
  return event.kind === 'unsubscribe' && record?.keyId !== undefined
    ? { ...event, keyId: record.keyId }
    : event;
}

export const mutations: readonly Mutation[] = [
  {
    without: '"every gate" in rule 1: one refused gate is enough to delete',
    harm: /does not work|is deleted/u,
    options: {
      subscribes: 2,
      unsubscribes: 0,
      faults: faults('cut', 'not stored', 'link crash'),
      rows: replaced(
        ['all refused'],
        rowForStates('some refused', [...made, 'intent', 'created'], 'sweep', (record, { now }) =>
          record.state !== 'held' && record.attempts.some(({ outcome }) => outcome?.state === 'refused')
            ? { record: change.inState('revoking', record, now), actions: [{ do: 'look-again' }] }
            : undefined,
        ),
      ),
    },
  },
  {
    without: 'rule 3: another SUBSCRIBE makes a new key and deletes the old one',
    harm: /does not work|is deleted/u,
    seed: 8,
    options: {
      subscribes: 2,
      unsubscribes: 0,
      faults: faults('cut', 'redelivery', 'replica crash'),
      rows: replaced(
        ['prove'],
        rowForStates('new key', made, 'subscribe', (record, event) => ({
          record: { ...change.newLife(record, event, 86_400), strandedValues: [] },
          actions: [
            {
              do: 'delete-stray',
              keyId: record.keyId ?? '',
              place: { integrationId: 'i', account: '1', region: 'r' },
            },
            { do: 'look-again' },
          ],
        })),
      ),
    },
  },
  {
    without: 'rule 4: UNSUBSCRIBE works on the key of the subscription',
    harm: /is deleted|does not work/u,
    options: {
      subscribes: 2,
      unsubscribes: 1,
      faults: faults('redelivery', 'replica crash'),
      alterEvent: unsubscribesWhateverThereIs,
    },
  },
  {
    without: 'waiting W before the purge',
    harm: /left behind/u,
    seed: 10,
    options: {
      subscribes: 1,
      unsubscribes: 1,
      faults: faults('lost answer', 'replica crash'),
      limits: { lateCall: 0 },
    },
  },
  {
    without: 'the sweeper',
    harm: /stuck/u,
    options: { subscribes: 1, unsubscribes: 0, faults: {}, sweeper: false },
  },
  {
    without: 'the first and third row: a redelivered SUBSCRIBE starts a second life after the UNSUBSCRIBE',
    harm: /left behind/u,
    options: {
      subscribes: 1,
      unsubscribes: 1,
      faults: faults('redelivery', 'replica crash'),
      rows: replaced(
        ['life over'],
        rowForStates('second life', ['revoked'], 'subscribe', (record, event) => ({
          record: change.newLife(record, event, 86_400),
          actions: [{ do: 'create', deadline: event.order.deadline }],
        })),
      ),
      alterEvent: (event) => (event.kind === 'subscribe' ? { ...event, gate: undefined } : event),
    },
  },
  {
    without: 'doubt: a SUBSCRIBE is taken as proof that APIM lacks the key',
    harm: /is deleted|does not work/u,
    seed: 10,
    options: {
      subscribes: 2,
      unsubscribes: 0,
      faults: faults('cut', 'redelivery'),
      rows: replaced(
        ['prove'],
        rowForStates('taken as proof', made, 'subscribe', (record, { now }) => ({
          record: change.inState('revoking', record, now),
          actions: [{ do: 'look-again' }],
        })),
      ),
    },
  },
  {
    without: 'proof on `attached`: a dead key is sent again',
    harm: /does not work/u,
    options: {
      subscribes: 2,
      unsubscribes: 0,
      faults: faults('cut', 'key deleted by hand', 'not stored'),
      rows: replaced(
        ['prove'],
        rowForStates('unproved', made, 'subscribe', (record, { order, now }) => ({
          record: change.inState('attached', change.withAttempt(record, change.attemptOf(order)), now),
          actions: [{ do: 'look-again' }],
        })),
      ),
    },
  },
  {
    without: 'an attach of its own: who comes in `created` joins on the answer to another one',
    harm: /does not work/u,
    seed: 7,
    options: {
      subscribes: 2,
      unsubscribes: 0,
      faults: faults('cut', 'link crash', 'key deleted by hand'),
      rows: [
        rowForStates('joins', ['created'], 'subscribe', (record, { order, gate, now }) =>
          gate !== undefined ||
          now >= order.deadline ||
          change.includesCommand([...record.attempts, ...record.pastAttempts], order.commandId)
            ? undefined
            : {
                record: change.withAttempt(record, change.attemptOf(order)),
                actions: [{ do: 'look-again' }],
              },
        ),
        ...table,
      ],
    },
  },
  {
    without: "counting a late import's new id",
    harm: /left behind/u,
    options: {
      subscribes: 1,
      unsubscribes: 1,
      faults: faults('key deleted by hand', 'redelivery', 'lost answer'),
      rows: replaced(
        ['definite'],
        rowForStates('any id lowers', [...made, 'created'], 'answer', (record, { answer }) =>
          answer.kind === 'lost'
            ? undefined
            : { record: change.withCallAnswered(record), actions: [{ do: 'look-again' }] },
        ),
      ),
    },
  },
];
