import { expect, it } from '@jest/globals';
import { signalMeaning } from './stop-signal.ts';

it('the first signal asks to stop', () => expect(signalMeaning(undefined)).toBe('stop'));

it.each([0, 3, 999])('another one %i ms later is the same one again', (ms) =>
  expect(signalMeaning(ms)).toBe('again'),
);

it.each([1_000, 5_000])('another one %i ms later is meant', (ms) =>
  expect(signalMeaning(ms)).toBe('at once'),
);
