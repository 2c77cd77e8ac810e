/** Long work in turns: whatever else waits for the event loop gets it every few milliseconds, however many are at work. */
import { setImmediate as nextTurn } from 'node:timers/promises';

const sliceMs = 5;
/** When the first long work of this turn of the event loop said that it is at work. */
let began: number | undefined;

/**
 * To be awaited at every step of work that may be long. As long as this turn of the event loop is young it costs next to
 * nothing; then it waits for the next one. All work of the process shares the turn.
 */
export function breathe(): Promise<void> | undefined {
  const now = performance.now();
  if (began === undefined) {
    began = now;
    setImmediate(() => (began = undefined));
  }
  return now - began < sliceMs ? undefined : nextTurn();
}
