/** The replicas in the model: they run the real `transition`, one step at a time. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { Action, SagaEvent, SweepEvent } from '../../../src/saga/events.ts';
import { transition } from '../../../src/saga/transition.ts';
import { replyFromWorker } from './link.ts';
import {
  deadline,
  limitsOf,
  rowsOf,
  Violation,
  type ModelOptions,
  type Process,
  type World,
} from './world.ts';

/** What this process sees when it looks. As in the real handler, each look makes a new key value. */
export function lookEvent(world: World, process: Process): SagaEvent {
  const { command } = process;
  const { now, record } = world;
  if (command === undefined) return sweepEvent(world);
  if (command.type === 'UNSUBSCRIBE') {
    return {
      kind: 'unsubscribe',
      now,
      graviteeSubscriptionId: 's',
      deadline: command.sentAt + deadline,
      keyId: command.keyId,
      untouchable: undefined,
    };
  }
  return {
    kind: 'subscribe',
    now,
    order: {
      commandId: command.id,
      deadline: command.sentAt + deadline,
      integrationId: 'i',
      graviteeSubscriptionId: 's',
      applicationId: 'a',
      applicationName: 'a',
      route: { account: '1', region: 'r', restApiId: 'api', stage: 'st', usagePlanId: command.plan ?? '' },
    },
    gate: world.gates[command.id],
    value: { key: '', iv: '', tag: '', text: `v${(record?.life ?? 0) + 1}` },
    began: process.began,
    planGone: record !== undefined && world.gonePlans.includes(record.usagePlanId),
  };
}

/** Real runs have random ids. Here a few ids take turns, which keeps the number of worlds finite. */
const runs = ['run a', 'run b', 'run c', 'run d'];

export function sweepEvent({ now, record, gates, gonePlans }: World): SweepEvent {
  const open = (record?.attempts ?? []).filter(({ outcome }) => !outcome);
  return {
    kind: 'sweep',
    now,
    gates: new Map(open.map(({ commandId }) => [commandId, gates[commandId]])),
    planGone: record !== undefined && gonePlans.includes(record.usagePlanId),
    run: runs[(runs.indexOf(record?.purge?.run ?? '') + 1) % runs.length] ?? '',
  };
}

/** Reads, decides and writes in one step: a conflicting write would only make it read again. */
export function applyEvent(world: World, process: Process, event: SagaEvent, options: ModelOptions): void {
  const seen = options.alterEvent?.(event, world.record) ?? event;
  const step = transition(world.record, seen, limitsOf(options), rowsOf(options));
  if (step.record) {
    checkRecord(world, step.record);
    world.record = withoutIrrelevantParts(step.record);
  }
  const { record } = world;
  if (record) {
    process.about = { life: record.life, value: record.value?.text ?? '', plan: record.usagePlanId };
  }
  settle(world, process, step.actions);
}

/** Sets the parts that nothing depends on to fixed values, so that equivalent worlds are equal. */
function withoutIrrelevantParts(record: SubscriptionRecord): SubscriptionRecord {
  const attempts = record.attempts.map(({ outcome, ...attempt }) =>
    outcome ? { ...attempt, outcome: { ...outcome, at: 0 } } : attempt,
  );
  const lastCreatingCallAt = record.openCalls > 0 ? record.lastCreatingCallAt : 0;
  return { ...record, attempts, lastCreatingCallAt, createdAt: 0, changedAt: 0, note: '' };
}

/** Skips actions that nobody else can see. */
function settle(world: World, process: Process, actions: readonly Action[]): void {
  const [action, ...rest] = actions;
  if (action?.do === 'alert') settle(world, process, rest);
  else if (action === undefined) process.at = { step: 'look' };
  else if (action.do === 'wait') process.at = { step: 'look', waited: true };
  else if (action.do === 'look-again') process.at = { step: process.answered === true ? 'ack' : 'look' };
  else process.at = action.do === 'stop' ? { step: 'ack' } : { step: 'act', actions };
  if (process.at.step === 'ack' && process.command === undefined) finish(world, process);
}

/** The process ends; its command, if it has one, is acked. */
export function finish(world: World, process: Process): void {
  world.queue = world.queue.filter(({ command }) => command.id !== process.command?.id);
  world.processes = world.processes.filter((known) => known !== process);
}

function checkRecord(world: World, next: SubscriptionRecord): void {
  if (next.openCalls < 0) throw new Violation('openCalls below zero');
  const open = world.calls.filter(
    ({ kind, life }) => kind === 'import' || (kind === 'create' && life === next.life),
  );
  if (
    next.state === 'revoked' &&
    world.record?.state !== 'purging' &&
    open.some(({ life }) => life === next.life)
  )
    throw new Violation('revoked while a call of its life may execute');
}

/** Performs the next action of a process. */
export function act(world: World, process: Process): void {
  if (process.at.step !== 'act') return;
  const { actions } = process.at;
  const [action, ...rest] = actions;
  const { command, about } = process;
  switch (action?.do) {
    case 'reply-error':
    case 'reply-success':
      if (command) replyFromWorker(world, command, action.do === 'reply-success');
      process.answered = true;
      break;
    case 'reply-key':
      if (command) replyFromWorker(world, command, true, action.keyId);
      process.answered = true;
      process.at = { step: 'receipt' };
      return;
    case 'shut-gates': {
      const absent = action.commandIds.find((id) => world.gates[id] === undefined);
      if (absent !== undefined) {
        world.gates[absent] = { state: 'refused', at: world.now };
        return;
      }
      break;
    }
    case 'delete':
      deleteByUs(world, action.keyId);
      process.at = { step: 'apply', event: { kind: 'deleted', life: about?.life ?? 0, now: 0 } };
      return;
    case 'delete-stray':
    case 'delete-named':
      deleteByUs(world, action.keyId);
      break;
    case 'create':
    case 'import':
    case 'attach':
    case 'check-listed':
    case 'purge':
      call(world, process, action);
      return;
    default:
  }
  settle(world, process, rest);
}

type CallAction = Extract<Action, { do: 'create' | 'import' | 'attach' | 'check-listed' | 'purge' }>;

function call(world: World, process: Process, action: CallAction): void {
  const { now } = world;
  const { about } = process;
  if (about === undefined) return;
  const { life, value, plan } = about;
  if (action.do === 'check-listed') {
    const key = world.keys.find(({ keyId }) => keyId === action.keyId);
    process.at = {
      step: 'apply',
      event: attachment(process, action.keyId, key?.plan === plan ? 'listed' : 'unlisted'),
    };
    return;
  }
  if (now >= action.deadline) {
    if (action.do === 'purge') finish(world, process);
    else if (action.do === 'attach') process.at = { step: 'look' };
    else process.at = { step: 'apply', event: answer(life, { kind: 'not-executed' }) };
    return;
  }
  if (process.command && now >= process.command.sentAt + deadline) {
    throw new Violation('a call starts after the deadline');
  }
  if (action.do === 'create') process.began = life;
  world.calls.push({
    id: Math.max(0, ...world.calls.map(({ id }) => id)) + 1,
    kind: action.do,
    life,
    value,
    ...(action.do === 'attach' && { keyId: action.keyId }),
    ...(action.do === 'purge' && { run: action.run }),
    plan,
    sentAt: now,
    process: process.id,
  });
  process.at = { step: 'call' };
}

export function answer(life: number, how: Extract<SagaEvent, { kind: 'answer' }>['answer']): SagaEvent {
  const place = { integrationId: 'i', account: '1', region: 'r' };
  return { kind: 'answer', life, place, answer: how, now: 0 };
}

export function attachment(
  { command, about }: Process,
  keyId: string,
  result: Extract<SagaEvent, { kind: 'attachment' }>['result'],
): SagaEvent {
  const attempt = { commandId: command?.id ?? '', deadline: (command?.sentAt ?? 0) + deadline };
  return { kind: 'attachment', attempt, life: about?.life ?? 0, keyId, result, reason: '', now: 0 };
}

/** DeleteApiKey. A key that APIM holds may be deleted only when APIM asked for it. */
export function deleteByUs(world: World, keyId: string): void {
  const { holds, unsubscribedKeys } = world.apim;
  if (holds === keyId && !unsubscribedKeys.includes(keyId) && !world.unusableKeys.includes(keyId)) {
    throw new Violation(`the key ${keyId} that APIM holds is deleted`);
  }
  world.keys = world.keys.filter((key) => key.keyId !== keyId);
}
