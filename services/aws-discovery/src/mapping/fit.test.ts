import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { storeWidths, widthOf, type StoreField } from '@federation-agent/contracts';
import { fitAll, fitOne, type TextToFit } from './fit.ts';
import { collationKey } from './collation-key.ts';

const byText = (text: string): TextToFit => ({ text, identity: text });
const keys = (...texts: string[]): string[] => fitAll('metadata.name', texts.map(byText));

describe('a text', () => {
  test('that fits stays as it is; one unit more, and it is cut', () => {
    const version = 'v'.repeat(64);
    expect(fitOne('api.version', byText(version))).toBe(version);
    expect(fitOne('api.version', byText(`${version}v`))).toBe(`${'v'.repeat(63)}…`);
  });

  test('that is cut where it must be distinct is the same whatever is beside it, and two of one beginning are two', () => {
    const [one, other] = ['k'.repeat(64) + '1', 'k'.repeat(64) + '2'];
    const [alone] = keys(one);
    expect(alone).toMatch(/^k{56}…~[\da-f]{6}$/u);
    const [first, second] = keys(one, other);
    expect(first).toBe(alone);
    expect(second).not.toBe(first);
  });

  test('keeps the end that is asked for', () => {
    const limit = 'GET /orders/{orderId}/items/{itemId}: 100 requests per second, burst 200';
    const tail = (text: string): number => text.length - text.lastIndexOf(': ');
    expect(fitAll('plan.characteristic', [byText(limit)], tail)).toEqual([
      expect.stringMatching(/^GET \/orders\/.*…: 100 requests per second, burst 200~[\da-f]{6}$/u),
    ]);
  });

  test('with half a surrogate pair is made whole', () => {
    expect(fitOne('api.version', byText('a\ud83d'))).toBe('a\ufffd');
  });
});

describe('texts that a database takes for one', () => {
  test('are told apart: the first stays, the others are marked', () => {
    expect(keys('env', 'Env', 'ENV ', 'team')).toEqual([
      expect.stringMatching(/^env~[\da-f]{6}$/u),
      expect.stringMatching(/^Env~[\da-f]{6}$/u),
      'ENV ',
      'team',
    ]);
  });

  test('the very same text is one', () => {
    expect(keys('a', 'b', 'a')).toEqual(['a', 'b']);
  });

  test('two of one text and another identity are two, marked by what they are given', () => {
    const plans = ['p2', 'p1', 'p3'].map((id) => ({ text: 'Gold', identity: id, mark: id }));
    expect(fitAll('plan.name', plans)).toEqual(['Gold~p2', 'Gold', 'Gold~p3']);
  });

  test('one that looks like another with its mark is told apart too', () => {
    const [, marked = ''] = keys('Env', 'env');
    const three = keys('Env', 'env', marked);
    expect(new Set(three.map(collationKey)).size).toBe(3);
  });
});

test('whatever the texts: all fit, no two fold to one, and their order changes none of them', () => {
  const fields = Object.keys(storeWidths).filter((field) => 'distinct' in storeWidths[field as StoreField]);
  const piece = fc.constantFrom('a', 'A', 'á', 'ж', 'Ж', '東', '🚀', '🧪', 'e\u0301', ' ', '~', '…');
  const word = fc
    .tuple(fc.array(piece, { maxLength: 8 }), fc.nat({ max: 90 }))
    .map(([parts, more]) => parts.join('') + 'a'.repeat(more));
  fc.assert(
    fc.property(
      fc.constantFrom(...(fields as StoreField[])),
      fc.array(word, { maxLength: 12 }),
      (field, texts) => {
        const unique = [...new Set(texts)];
        const fitted = fitAll(field, texts.map(byText));
        expect(fitted).toHaveLength(unique.length);
        expect(new Set(fitted.map(collationKey)).size).toBe(unique.length);
        for (const text of fitted) {
          expect(text.length).toBeLessThanOrEqual(widthOf(field));
          expect(text.isWellFormed()).toBe(true);
        }
        expect(fitAll(field, unique.toReversed().map(byText)).toReversed()).toEqual(fitted);
      },
    ),
  );
});
