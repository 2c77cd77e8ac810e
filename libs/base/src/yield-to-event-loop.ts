/**
 * Long work in turns: whatever else waits for the event loop gets it every few milliseconds, however many are at work.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const sliceMs = 2;
/** Of so many turns one is for background work, though other work waits. */
const backgroundShare = 8;
const background = new AsyncLocalStorage<true>();
/** When the first long work of this turn of the event loop said that it is at work. */
let began: number | undefined;
let turns = 0;
/** Works that wait for a turn. Each has one of its own, or those of many would be one long one again. */
const waiting: (() => void)[] = [];
const waitingInBackground: (() => void)[] = [];

/** What is done in `work` gets its turns after all other long work: nobody waits for it. */
export function inBackground<T>(work: () => T): T {
  return background.run(true, work);
}

/**
 * To be awaited at every step of work that may be long. As long as this turn of the event loop is young it costs next
 * to nothing; then it waits for a later one. All work of the process shares the turn.
 */
export function yieldToEventLoop(): Promise<void> | undefined {
  const now = performance.now();
  if (began === undefined) {
    began = now;
    setImmediate(nextTurn);
  }
  const behind = background.getStore() === true;
  if (now - began < sliceMs && !(behind && waiting.length > 0)) return undefined;
  return new Promise((resolve) => {
    (behind ? waitingInBackground : waiting).push(resolve);
  });
}

function nextTurn(): void {
  turns += 1;
  const [first, second] =
    turns % backgroundShare === 0 ? [waitingInBackground, waiting] : [waiting, waitingInBackground];
  const next = first.shift() ?? second.shift();
  began = next && performance.now();
  if (!next) return;
  setImmediate(nextTurn);
  next();
}
