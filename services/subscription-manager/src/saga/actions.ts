/** Action lists that several rows end with. */
import type { Action } from './events.ts';

export const stop: readonly Action[] = [{ do: 'stop' }];
export const lookAgain: readonly Action[] = [{ do: 'look-again' }];
export const succeed: readonly Action[] = [{ do: 'reply-success' }, { do: 'stop' }];

export function fail(text: string): readonly Action[] {
  return [{ do: 'reply-error', text }, { do: 'stop' }];
}
