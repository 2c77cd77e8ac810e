/** AWS in the model: one key per value. A call executes once, or after everybody stopped waiting, or never. */
import { answer, attachment, deleteByUs, finish } from './replicas.ts';
import type { CreatingAnswer } from '../../../src/saga/events.ts';
import type { Call, Process, World } from './world.ts';

/** The call executes, and the process that waits for it gets the answer. */
export function executeCall(
  world: World,
  id: number,
  how: 'executed' | 'refused' | 'not-executed' = 'executed',
): void {
  const call = world.calls.find((known) => known.id === id);
  if (!call) return;
  world.calls = world.calls.filter((known) => known !== call);
  const process = world.processes.find((known) => known.id === call.process);
  if (call.kind === 'attach') attach(world, call, process);
  else if (how === 'refused') tell(process, call, { kind: 'refused', reason: 'LimitExceeded' });
  else if (how === 'not-executed') tell(process, call, { kind: how });
  else make(world, call, process);
}

/** Nobody gets the answer; the call may still execute. */
export function loseAnswer(world: World, id: number): void {
  const call = world.calls.find((known) => known.id === id);
  const process = world.processes.find((known) => known.id === call?.process);
  if (!call || !process) return;
  delete call.process;
  if (call.kind === 'purge') finish(world, process);
  else if (call.kind === 'attach') {
    // A lost attach: GetUsagePlans(keyId) decides.
    const key = world.keys.find(({ keyId }) => keyId === call.keyId);
    const listed = key?.plan === call.plan;
    process.at = {
      step: 'apply',
      event: attachment(process, call.keyId ?? '', listed ? 'listed' : 'unlisted'),
    };
  } else tell(process, call, { kind: 'lost' });
}

function make(world: World, call: Call, process: Process | undefined): void {
  const { value, kind } = call;
  const existing = world.keys.find((key) => key.value === value);
  if (existing && kind === 'create') {
    tell(process, call, { kind: 'conflict' });
    return;
  }
  const enabled = kind !== 'purge';
  const key = existing ?? { keyId: `k${(world.keysMade += 1)}`, value, enabled };
  key.enabled = enabled;
  if (!existing) world.keys.push(key);
  if (kind !== 'purge') {
    tell(process, call, { kind: 'id', keyId: key.keyId });
    return;
  }
  if (!process) return;
  deleteByUs(world, key.keyId);
  process.at = { step: 'apply', event: { kind: 'purged', run: call.run ?? '', now: 0 } };
}

function tell(process: Process | undefined, call: Call, how: CreatingAnswer): void {
  if (!process) return;
  if (how.kind === 'conflict' || how.kind === 'lost') delete process.began;
  process.at = { step: 'apply', event: answer(call.life, how) };
}

function attach(world: World, call: Call, process: Process | undefined): void {
  const key = world.keys.find(({ keyId }) => keyId === call.keyId);
  const planGone = world.gonePlans.includes(call.plan);
  if (key && !planGone && key.plan === undefined) key.plan = call.plan;
  if (!process) return;
  const how = planGone
    ? 'plan-gone'
    : key === undefined
      ? 'key-gone'
      : key.plan === call.plan
        ? 'listed'
        : 'refused';
  process.at = { step: 'apply', event: attachment(process, call.keyId ?? '', how) };
}
