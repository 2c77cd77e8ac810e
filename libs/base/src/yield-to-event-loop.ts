/**
 * Lets long work give way: other work gets the event loop every few milliseconds, however many long works are running.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const sliceMs = 2;
/** One turn in so many goes to background work, even while other work waits. */
const backgroundShare = 8;
const background = new AsyncLocalStorage<true>();
/** When the first long work in this turn of the event loop called `yieldToEventLoop`. */
let began: number | undefined;
let turns = 0;
/** Works that wait for a turn. Each gets a separate turn: together they would again be one long work. */
const waiting: (() => void)[] = [];
const waitingInBackground: (() => void)[] = [];

/** Work inside `work` gets its turns after all other long work, because nobody waits for it. */
export function inBackground<T>(work: () => T): T {
  return background.run(true, work);
}

/**
 * Await it at every step of work that may be long. It costs almost nothing while this turn of the event loop is young;
 * after that it waits for a later turn.
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
