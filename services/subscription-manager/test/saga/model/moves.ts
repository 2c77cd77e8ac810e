/** Every possible next step of the world. One happens at a time, in any order. */
import { transition } from '../../../src/saga/transition.ts';
import { executeCall, loseAnswer } from './aws.ts';
import { cutSocket, noticeCut, pong, readFrame, send, write } from './link.ts';
import type { Move } from './move.ts';
import { act, applyEvent, finish, lookEvent, sweepEvent } from './replicas.ts';
import { passTime } from './time.ts';
import { limitsOf, rowsOf, type FaultName, type ModelOptions, type Process, type World } from './world.ts';

export function movesOf(world: World, options: ModelOptions): Move[] {
  return [...sends(world), ...work(world, options), ...faults(world), ...passTime(world)];
}

function sends({ apim }: World): Move[] {
  if (apim.pending) return [];
  if (apim.holds !== undefined) {
    const keyId = apim.holds;
    return apim.unsubscribes > 0
      ? [
          {
            name: `UNSUBSCRIBE ${keyId}`,
            kind: 'send',
            run: (world) => {
              world.apim.unsubscribes -= 1;
              const id = `c${(world.commands += 1)}`;
              send(world, { id, type: 'UNSUBSCRIBE', sentAt: world.now, keyId });
            },
          },
        ]
      : [];
  }
  if (apim.subscribes === 0) return [];
  return apim.plans.map((plan) => ({
    name: `SUBSCRIBE ${plan}`,
    kind: 'send',
    run: (world) => {
      world.apim.subscribes -= 1;
      const id = `c${(world.commands += 1)}`;
      send(world, { id, type: 'SUBSCRIBE', sentAt: world.now, plan });
    },
  }));
}

function work(world: World, options: ModelOptions): Move[] {
  const moves: Move[] = [];
  const add = (name: string, run: (world: World) => void): void =>
    void moves.push({ name, kind: 'work', run });

  for (const { command } of world.queue) {
    if (world.processes.some((process) => process.command?.id === command.id)) continue;
    for (const replica of [0, 1])
      add(`replica ${replica} takes ${command.id}`, (next) => start(next, replica, command.id));
  }
  if (sweepWorthwhile(world, options) && !world.processes.some(({ command }) => !command)) {
    // One replica is enough: by symmetry, commands may go to either.
    add('replica 0 sweeps', (next) => start(next, 0));
  }
  for (const process of world.processes) {
    const { step } = process.at;
    if (step === 'call' || (step === 'receipt' && !receiptReady(world, process))) continue;
    if (step === 'look' && process.at.waited && wouldOnlyWait(world, process, options)) continue;
    add(`process ${process.id} ${step}`, (next) => advance(next, process.id, options));
  }
  for (const { id, kind, process } of world.calls) {
    add(`${process === undefined ? 'late' : 'AWS'} ${kind} ${id}`, (next) => executeCall(next, id));
  }
  for (const { id } of world.calls.filter(({ process }) => process === undefined)) {
    add(
      `call ${id} never executes`,
      (next) => void (next.calls = next.calls.filter((call) => call.id !== id)),
    );
  }
  for (const held of Object.values(world.link)) {
    const { id } = held.command;
    if (held.phase === 'gated') {
      add(`link writes ${id}`, (next) => {
        const mine = next.link[id];
        if (!mine) return;
        mine.phase = 'written';
        write(next, id, true, mine.keyId);
      });
    }
  }
  if (world.wire.length > 0) add('APIM reads', (next) => readFrame(next, true));
  if (world.pongs.length > 0) add('pong', pong);
  for (const socket of world.cut) {
    add(`link sees the cut of ${socket}`, (next) => noticeCut(next, socket, false));
    add(`link sees the cut of ${socket}, frame in its buffers`, (next) => noticeCut(next, socket, true));
  }
  return moves;
}

/** A sweep that would change nothing is not a move. */
function sweepWorthwhile(world: World, options: ModelOptions): boolean {
  if (options.sweeper === false || world.record === undefined) return false;
  const step = transition(world.record, sweepEvent(world), limitsOf(options), rowsOf(options));
  return step.record !== undefined || step.actions.some((action) => action.do !== 'stop');
}

/** Whether the next look would only make the process wait again. */
function wouldOnlyWait(world: World, process: Process, options: ModelOptions): boolean {
  const event = lookEvent(world, process);
  const { actions } = transition(world.record, event, limitsOf(options), rowsOf(options));
  return actions[0]?.do === 'wait';
}

function start(world: World, replica: number, commandId?: string): void {
  const entry = world.queue.find(({ command }) => command.id === commandId);
  if (entry) entry.deliveries += 1;
  world.processes.push({
    id: `${replica}:${commandId ?? 'sweep'}`,
    replica,
    ...(entry && { command: entry.command }),
    at: { step: 'look' },
  });
}

function receiptReady(world: World, { command }: Process): boolean {
  const held = command && world.link[command.id];
  return held === undefined || held.phase === 'done';
}

function advance(world: World, id: string, options: ModelOptions): void {
  const process = world.processes.find((known) => known.id === id);
  if (!process) return;
  switch (process.at.step) {
    case 'look': {
      applyEvent(world, process, lookEvent(world, process), options);
      return;
    }
    case 'apply': {
      applyEvent(world, process, { ...process.at.event, now: world.now }, options);
      return;
    }
    case 'act': {
      act(world, process);
      return;
    }
    case 'receipt': {
      const commandId = process.command?.id ?? '';
      const event = { kind: 'receipt', commandId, gate: world.gates[commandId], now: world.now } as const;
      applyEvent(world, process, event, options);
      return;
    }
    case 'ack':
      finish(world, process);
      return;
    case 'call':
  }
}

function faults(world: World): Move[] {
  const left = (name: FaultName): boolean => (world.faults[name] ?? 0) > 0 && (world.faults['any'] ?? 0) > 0;
  const moves: Move[] = [];
  const add = (name: FaultName, detail: string, run: (world: World) => void): void => {
    moves.push({
      name: `${name} ${detail}`,
      kind: 'fault',
      run: (next) => {
        next.faults[name] = (next.faults[name] ?? 0) - 1;
        next.faults['any'] = (next.faults['any'] ?? 0) - 1;
        run(next);
      },
    });
  };
  if (left('replica crash')) {
    for (const replica of new Set(world.processes.map((process) => process.replica))) {
      add('replica crash', `${replica}`, (next) => crash(next, replica));
    }
  }
  if (left('link crash') && Object.keys(world.link).length > 0) {
    add('link crash', '', (next) => {
      cutSocket(next);
      next.cut = [];
      next.link = {};
    });
  }
  if (left('cut') && Object.keys(world.link).length > 0) add('cut', '', cutSocket);
  if (left('lost answer')) {
    for (const { id } of world.calls.filter((call) => call.process !== undefined)) {
      add('lost answer', `${id}`, (next) => loseAnswer(next, id));
    }
  }
  if (left('limit exceeded')) {
    for (const { id } of world.calls.filter(
      ({ kind, process }) => kind === 'create' && process !== undefined,
    )) {
      add('limit exceeded', `${id}`, (next) => executeCall(next, id, 'refused'));
    }
  }
  if (left('throttled')) {
    const creating = world.calls.filter(
      ({ kind, process }) => kind !== 'attach' && kind !== 'purge' && process,
    );
    for (const { id } of creating) add('throttled', `${id}`, (next) => executeCall(next, id, 'not-executed'));
  }
  if (left('redelivery')) {
    for (const { command } of world.queue) {
      const busy = world.processes.filter((process) => process.command?.id === command.id);
      if (busy.length === 1) {
        add('redelivery', command.id, (next) => start(next, 1 - (busy[0]?.replica ?? 0), command.id));
      }
    }
  }
  const sweeps = world.processes.filter(({ command }) => !command);
  if (left('second sweeper') && sweeps.length === 1) {
    add('second sweeper', '', (next) => start(next, 1 - (sweeps[0]?.replica ?? 0)));
  }
  if (left('not stored') && world.wire.length > 0) add('not stored', '', (next) => readFrame(next, false));
  if (left('key deleted by hand')) {
    for (const { keyId } of world.keys) {
      add('key deleted by hand', keyId, (next) => {
        markUnusable(next, keyId);
        next.keys = next.keys.filter((key) => key.keyId !== keyId);
      });
    }
  }
  if (left('plan gone')) {
    for (const plan of world.apim.plans) {
      add('plan gone', plan, (next) => {
        for (const { keyId } of next.keys.filter((key) => key.plan === plan)) markUnusable(next, keyId);
        next.gonePlans.push(plan);
        next.apim.plans = next.apim.plans.filter((known) => known !== plan);
        for (const key of next.keys) if (key.plan === plan) delete key.plan;
      });
    }
  }
  return moves;
}

/** From now on the key does not work. A SUBSCRIBE that was sent before may still bring it to APIM. */
function markUnusable(world: World, keyId: string): void {
  const { pending } = world.apim;
  world.unusableKeys.push(keyId, ...(pending ? [`${keyId}@${pending.id}`] : []));
}

function crash(world: World, replica: number): void {
  const gone = new Set(world.processes.filter((process) => process.replica === replica).map(({ id }) => id));
  world.processes = world.processes.filter(({ id }) => !gone.has(id));
  for (const call of world.calls)
    if (call.process !== undefined && gone.has(call.process)) delete call.process;
}
