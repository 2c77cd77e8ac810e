import { expect, it } from '@jest/globals';
import { meaningOf } from './stop-signal.ts';

it('the first signal asks to stop', () => expect(meaningOf(undefined)).toBe('stop'));

it.each([0, 3, 999])('another one %i ms later is the same one again', (ms) =>
  expect(meaningOf(ms)).toBe('again'),
);

it.each([1_000, 5_000])('another one %i ms later is meant', (ms) => expect(meaningOf(ms)).toBe('at once'));
