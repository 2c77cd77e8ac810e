import { setTimeout as pause } from 'node:timers/promises';
import { limitsAt } from '@federation-agent/contracts';
import { NotInTime } from '../support/eventually.ts';
import { readBroker } from './broker-state.ts';
import { allKeys, keyFaults, keysOf } from './keys.ts';
import type { Kept } from './keys.ts';
import { integrationIds } from './landscape.ts';
import type { Ledger, Subscription } from './ledger.ts';
import type { Outcome, Publisher } from './publisher.ts';
import { untilHealthy } from './stack.ts';
import type { Stack } from './stack.ts';

const LOOK_MS = 500;
const SLACK_MS = 45_000;
/** A lost call may have to be waited for, and may be lost again at the last moment. */
const WAITS = 2.5;

/** The end of a run: there are no more faults, so what is wrong now stays wrong. Returns the violations. */
export async function settle(stack: Stack, ledger: Ledger, publisher: Publisher): Promise<string[]> {
  const { timeline, timeScale, apim, loner } = stack;
  const boundMs = WAITS * limitsAt(timeScale).lateCall + SLACK_MS;
  const phase = (name: string): void => timeline.note(`settle: ${name}`);

  phase('healthy again');
  try {
    await untilHealthy(stack);
  } catch (error) {
    if (error instanceof NotInTime) return [`faults are over, and the agent is not well: ${error.message}`];
    throw error;
  }

  phase('keys as promised');
  const kept = async (): Promise<Kept> => {
    const { records } = await readBroker(stack);
    // The controller read the reply too late for APIM: then the key was on the wire.
    const written = new Set(stack.replies.map(({ apiKey }) => apiKey));
    return ({ id }, { value }) => {
      const state = records.get(id)?.state;
      return state === 'unconfirmed' || (state === 'held' && written.has(value));
    };
  };
  const promised = await patiently(boundMs, async () => wrongKeys(stack, ledger, await kept()));
  await countKept(stack, ledger);

  phase('APIM tries again what it is not sure of');
  const stubborn = [
    ...(await each(
      stack,
      ledger.all,
      ({ granted, unsure }) => !granted && unsure,
      (one) => publisher.subscribe(one),
      boundMs,
    )),
    ...(await each(
      stack,
      ledger.all,
      ({ ending }) => ending,
      (one) => publisher.unsubscribe(one),
      boundMs,
    )),
  ];
  const exact = await patiently(boundMs, () => wrongKeys(stack, ledger, () => false));

  phase('discover and ingest');
  const calm: string[] = [];
  for (const integration of integrationIds) {
    if ((await publisher.discover(integration)) !== 'succeeded')
      calm.push(`DISCOVER of ${integration} fails in calm`);
    if ((await publisher.ingest(integration)) !== 'succeeded')
      calm.push(`an ingest of ${integration} fails in calm`);
  }
  const jobs = await patiently(boundMs, () => openJobs(stack));
  const alone = await patiently(boundMs, () => loner.faults(apim));

  phase('everything is closed');
  const open = await each(
    stack,
    ledger.all,
    ({ granted }) => granted !== undefined,
    (one) => publisher.unsubscribe(one),
    boundMs,
  );
  const none = await patiently(boundMs, () => wrongKeys(stack, ledger, () => false));
  const left = await patiently(boundMs, async () => {
    const { waiting } = await readBroker(stack);
    return Object.entries(waiting).flatMap(([stream, count]) =>
      count > 0 ? [`${count} messages wait in ${stream}`] : [],
    );
  });
  await apim.drain();
  return [
    ...new Set([...promised, ...stubborn, ...exact, ...calm, ...jobs, ...alone, ...open, ...none, ...left]),
  ];
}

/** Repeats the check until nothing is wrong, and returns what is wrong at the end. */
async function patiently(boundMs: number, look: () => Promise<string[]>): Promise<string[]> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const wrong = await look();
    if (wrong.length === 0 || performance.now() > deadline) return wrong;
    await pause(LOOK_MS);
  }
}

/** Repeats each until it succeeds; the saga may make one wait for the end of its last life. */
async function each(
  stack: Stack,
  all: readonly Subscription[],
  which: (one: Subscription) => boolean,
  act: (one: Subscription) => Promise<Outcome>,
  boundMs: number,
): Promise<string[]> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const lost = await lostOnMoto(stack);
    const those = all.filter((one) => which(one) && !lost.has(one.id));
    if (those.length === 0) return [];
    if (performance.now() > deadline)
      return those.map(({ id }) => `subscription ${id} fails again and again in calm`);
    for (const one of those) await act(one);
  }
}

async function wrongKeys(stack: Stack, ledger: Ledger, kept: Kept): Promise<string[]> {
  const lost = await lostOnMoto(stack);
  const known = ledger.all.filter(({ id }) => !lost.has(id));
  const keys = await allKeys(stack);
  const theirs = new Set(ledger.all.filter(({ id }) => lost.has(id)).flatMap((one) => keysOf(one, keys)));
  return keyFaults(
    stack,
    known,
    keys.filter((key) => !theirs.has(key)),
    kept,
  );
}

/**
 * moto has no ImportApiKeys: there, a subscription whose creating call lost its process or its answer can never be
 * finished. Empty with the sandbox.
 */
async function lostOnMoto(stack: Stack): Promise<ReadonlySet<string>> {
  if (stack.aws.kind !== 'moto') return new Set();
  const stuck = new Set(['intent', 'sweeping', 'purging', 'unresolved']);
  const { records } = await readBroker(stack);
  return new Set([...records].flatMap(([id, { state }]) => (stuck.has(state) ? [id] : [])));
}

/** Counts keys whose state nobody can know, by what the agent says about them, for the summary at the end. */
async function countKept(stack: Stack, ledger: Ledger): Promise<void> {
  const { records } = await readBroker(stack);
  const keys = await allKeys(stack);
  for (const one of ledger.all.filter((each) => !each.granted && keysOf(each, keys).length > 0)) {
    const record = records.get(one.id);
    stack.timeline.note(`kept key: ${record?.state ?? 'no record'}`, {
      subscription: one.id,
      attempts: record?.attempts,
      note: record?.note,
    });
  }
}

/** Ingest jobs of the running controller: each must end well. */
async function openJobs({ apim, landscape }: Stack): Promise<string[]> {
  const wrong: string[] = [];
  for (const { integration, jobId } of apim.jobs.filter(({ run }) => run === apim.run())) {
    const { status, errors } = await apim.peer().job(integration, jobId);
    if (status !== 'SUCCESS' || errors.length > 0)
      wrong.push(`ingest ${jobId}: ${status} ${errors.join('; ')}`);
  }
  for (const { integration, plans } of landscape.regions) {
    const { apis, deletedPlans } = await apim.peer().apis(integration);
    for (const { uniqueId, planId } of deletedPlans) wrong.push(`APIM deleted plan ${planId} of ${uniqueId}`);
    for (const [uniqueId, wanted] of plans) {
      const has = apis.find((api) => api.uniqueId === uniqueId)?.plans.map(({ id }) => id) ?? [];
      const missing = [...wanted].filter((id) => !has.includes(id));
      if (missing.length > 0) wrong.push(`APIM lacks the plans ${missing.join(', ')} of ${uniqueId}`);
    }
  }
  return wrong;
}
