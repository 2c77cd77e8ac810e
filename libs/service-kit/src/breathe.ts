/** Long work in turns: whatever else waits for the event loop gets it every few milliseconds, however many are at work. */

const sliceMs = 2;
/** When the first long work of this turn of the event loop said that it is at work. */
let began: number | undefined;
/** Long works that wait for a turn. Each has one of its own, or those of many would be one long one again. */
const waiting: (() => void)[] = [];

/**
 * To be awaited at every step of work that may be long. As long as this turn of the event loop is young it costs next to
 * nothing; then it waits for a later one. All work of the process shares the turn.
 */
export function breathe(): Promise<void> | undefined {
  const now = performance.now();
  if (began === undefined) {
    began = now;
    setImmediate(nextTurn);
  }
  if (now - began < sliceMs) return undefined;
  return new Promise((resolve) => {
    waiting.push(resolve);
  });
}

function nextTurn(): void {
  const next = waiting.shift();
  began = next && performance.now();
  if (!next) return;
  setImmediate(nextTurn);
  next();
}
