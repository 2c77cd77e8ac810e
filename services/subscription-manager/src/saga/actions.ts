/** Ends of a row's actions. */
import type { Action } from './events.ts';

export const done: readonly Action[] = [{ do: 'done' }];
export const look: readonly Action[] = [{ do: 'look' }];
export const succeed: readonly Action[] = [{ do: 'reply-success' }, { do: 'done' }];

export function fail(text: string): readonly Action[] {
  return [{ do: 'reply-error', text }, { do: 'done' }];
}
