import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutText, withNotes } from './cut.ts';
import { storeWidths, widthOf } from './widths.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 120 });
const family = '👨‍👩‍👧‍👦';

describe('cutting a text', () => {
  it('leaves one that fits as it is, also at the very width', () => {
    expect(cutText('abc', 3)).toBe('abc');
    expect(cutText('', 1)).toBe('');
    expect(cutText(family, family.length)).toBe(family);
  });

  it('keeps the beginning, and the end where it is asked for', () => {
    expect(cutText('abcdefgh', 5)).toBe('abcd…');
    expect(cutText('abcdefgh', 5, 2)).toBe('ab…gh');
    expect(cutText('abcdefgh', 5, 100)).toBe('…efgh');
  });

  it('cuts no character in two: neither a surrogate pair nor an emoji of several nor a letter with its marks', () => {
    expect(cutText('ab🚀cd', 4)).toBe('ab…');
    expect(cutText('ab🚀cd', 5, 3)).toBe('ab…cd');
    expect(cutText(`ab${family}`, 6)).toBe('ab…');
    expect(cutText('abe\u0301x', 4)).toBe('ab…');
  });

  it('cuts one that is wider than all the room between its code points', () => {
    expect(cutText(family, 5)).toBe(`${family.slice(0, 3)}…`);
    expect(cutText('🚀🚀', 2)).toBe('…');
    expect(cutText(`e${'\u0301'.repeat(50)}`, 10)).toHaveLength(10);
  });

  it('of any text is within any width, well-formed, and the text itself where that fits', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 80 }), fc.nat({ max: 90 }), (any, width, tail) => {
        const cut = cutText(any, width, tail);
        expect(cut.length).toBeLessThanOrEqual(width);
        expect(cut.isWellFormed()).toBe(true);
        if (any.length <= width) expect(cut).toBe(any);
        else {
          const at = cut.lastIndexOf('…');
          expect(any.startsWith(cut.slice(0, at)) && any.endsWith(cut.slice(at + 1))).toBe(true);
        }
      }),
    );
  });
});

describe('a description with notes', () => {
  const width = widthOf('api.description');

  it('is all of it where it fits, and none of the notes is lost where it does not', () => {
    expect(withNotes('Pets.', ['Private.', '', 'Detached.'])).toBe('Pets.\n\nPrivate.\n\nDetached.');
    expect(withNotes('', ['Private.'])).toBe('Private.');
    expect(withNotes('Pets.', [])).toBe('Pets.');
    const long = withNotes('x'.repeat(2 * width), ['Private.']);
    expect(long).toHaveLength(width);
    expect(long).toMatch(/x…\n\nPrivate\.$/u);
  });

  it('takes one more note without losing those that it has', () => {
    const first = withNotes('x'.repeat(2 * width), ['Private.']);
    const second = withNotes(first, ['No document.'], 100);
    expect(second).toHaveLength(width);
    expect(second).toMatch(/x…x+…\n\nPrivate\.\n\nNo document\.$/u);
  });

  it('is within the width, whatever it is made of', () => {
    const wide = fc.tuple(text, fc.nat({ max: 9_000 })).map(([some, more]) => some + 'y'.repeat(more));
    fc.assert(
      fc.property(wide, fc.array(wide, { maxLength: 3 }), fc.nat({ max: 5_000 }), (any, notes, tail) => {
        expect(withNotes(any, notes, tail).length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

it('every width has the column it comes from', () => {
  for (const { column } of Object.values(storeWidths)) expect(column).toMatch(/^[a-z_]+\.[a-z]+$/u);
  expect(widthOf('plan.description')).toBe(Infinity);
});
