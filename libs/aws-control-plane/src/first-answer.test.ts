import { describe, expect, test } from '@jest/globals';
import { firstAnswer, type FirstAnswerOptions } from './first-answer.ts';
import { failureOf } from '../test/planes.ts';

/** Each place answers, fails or hangs; the first one counts as slow as soon as the event loop turns. */
function ask(places: readonly ('hangs' | Error | number)[]) {
  const asked: number[] = [];
  const signals: AbortSignal[] = [];
  const options: FirstAnswerOptions = {
    elsewhere: (error) => String(error).includes('away'),
    slow: async (signal) => {
      signals.push(signal);
      await new Promise(setImmediate);
    },
  };
  const answer = firstAnswer(
    places.map((place, index) => () => {
      asked.push(index);
      if (place === 'hangs') return new Promise<number>(() => undefined);
      return typeof place === 'number' ? Promise.resolve(place) : Promise.reject(place);
    }),
    options,
  );
  return { answer, asked, signals };
}
const away = new Error('away');
const refused = new Error('refused');

describe('asked in several places', () => {
  test('the first one answers: nobody else is asked, and nothing is waited for any more', async () => {
    const { answer, asked, signals } = ask([1, 2, 3]);
    expect(await answer).toBe(1);
    expect(asked).toEqual([0]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test.each([
    ['hangs', ['hangs', away, 3]],
    ['is away', [away, 'hangs', 3]],
  ] as const)('the first one %s: all the others are asked, and one is enough', async (_how, places) => {
    const { answer, asked } = ask(places);
    expect(await answer).toBe(3);
    expect(asked).toEqual([0, 1, 2]);
  });

  test('the first one refuses: that is the answer', async () => {
    const { answer, asked } = ask([refused, 2]);
    expect(await failureOf(answer)).toBe(refused);
    expect(asked).toEqual([0]);
  });

  test('nobody answers: what one of them said counts more than that another is away', async () => {
    expect(await failureOf(ask([away, new Error('away too'), refused]).answer)).toBe(refused);
    expect(await failureOf(ask([away, new Error('away too')]).answer)).toBe(away);
  });

  test('one place only: it is waited for', async () => {
    expect(await failureOf(ask([away]).answer)).toBe(away);
    expect(await ask([1]).answer).toBe(1);
  });
});
