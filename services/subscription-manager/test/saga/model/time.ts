/** Time in the model. It may pass at any moment, but only to the next point at which something changes. */
import { write } from './link.ts';
import type { Move } from './move.ts';
import {
  callTimeout,
  commandTimeout,
  deadline,
  lateCallExecutesWithin,
  modelLimits,
  replyDeadline,
  type World,
} from './world.ts';

export function passTime(world: World): Move[] {
  const point = nextPoint(world);
  if (point === undefined) return [];
  // A process that waits for an answer has it by then, or a time-out (a lost answer).
  const waiting = world.calls.filter(({ process }) => process !== undefined);
  if (waiting.some(({ sentAt }) => point > sentAt + callTimeout)) return [];
  return [{ name: `time +${point}`, kind: 'time', run: (next) => arrive(next, point) }];
}

function nextPoint({ now, apim, link, record, gates, calls }: World): number | undefined {
  const { attemptGrace, writingGate, lateCall } = modelLimits;
  const commands = [
    ...(apim.pending ? [apim.pending] : []),
    ...Object.values(link).map(({ command }) => command),
  ];
  const ending = record?.state === 'sweeping' || record?.state === 'purging';
  const points = [
    ...commands.flatMap(({ sentAt }) =>
      [deadline, replyDeadline, commandTimeout].map((after) => sentAt + after),
    ),
    ...(record?.attempts ?? []).map((attempt) => attempt.deadline + attemptGrace),
    ...Object.values(gates).flatMap(({ state, at }) => (state === 'writing' ? [at + writingGate] : [])),
    ...(ending ? [record.lastCreatingCallAt + lateCall] : []),
    ...calls.map(({ sentAt }) => sentAt + lateCallExecutesWithin),
  ].filter((point) => point > now);
  return points.length > 0 ? Math.min(...points) : undefined;
}

function arrive(world: World, point: number): void {
  world.now = point;
  shiftTimes(world, point);
  for (const held of Object.values(world.link)) {
    // At 55 s the link answers ERROR itself.
    if (held.phase === 'open' && world.now >= held.command.sentAt + replyDeadline) {
      write(world, held.command.id, false);
      held.phase = 'done';
    }
  }
  const { pending } = world.apim;
  if (pending && world.now >= pending.sentAt + commandTimeout) delete world.apim.pending;
  world.calls = world.calls.filter(
    ({ sentAt, process }) => process !== undefined || world.now < sentAt + lateCallExecutesWithin,
  );
}

/** Names of the fields that hold a time. */
const times = new Set(['now', 'sentAt', 'deadline', 'before', 'at', 'lastCreatingCallAt', 'until']);
/** So long ago that nothing distinguishes earlier times. */
const longAgo = -2 * modelLimits.lateCall;

/** Shifts all times so that now is 0: then worlds that differ only in the time of day are equal. */
function shiftTimes(value: object, by: number, seen = new Set<object>()): void {
  // One command is in several places.
  if (seen.has(value)) return;
  seen.add(value);
  for (const name in value) {
    const field: unknown = Reflect.get(value, name);
    if (typeof field === 'object' && field !== null) shiftTimes(field, by, seen);
    if (typeof field === 'number' && times.has(name)) {
      Reflect.set(value, name, Math.max(longAgo, field - by));
    }
  }
}
