import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { movedRow, pagesOf, scrollTo, visibleRows } from './window.ts';

test('every row that is seen is drawn, and few more', () => {
  const viewport = fc.record({
    top: fc.nat(2_000_000),
    height: fc.integer({ min: 1, max: 3_000 }),
    rowHeight: fc.integer({ min: 20, max: 80 }),
    total: fc.nat(40_000),
  });
  fc.assert(
    fc.property(viewport, (seen) => {
      const { top, height, rowHeight, total } = seen;
      const { from, to } = visibleRows(seen);
      const last = Math.min(total, Math.ceil((top + height) / rowHeight));
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(total);
      expect(from).toBeLessThanOrEqual(Math.min(total, Math.floor(top / rowHeight)));
      expect(to).toBeGreaterThanOrEqual(last);
      expect(to - from).toBeLessThanOrEqual(height / rowHeight + 40);
    }),
  );
});

const viewport = { top: 1_000, height: 500, rowHeight: 40 };

test.each([
  [3, 120],
  [30, 1_000],
  [37, 1_060],
])('row %d is shown at %d', (row, top) => expect(scrollTo(row, viewport, 40)).toBe(top));

test.each([
  ['ArrowDown', 6],
  ['ArrowUp', 4],
  ['PageDown', 9],
  ['PageUp', 0],
  ['Home', 0],
  ['End', 9],
  ['x', undefined],
])('%s in row 5 of 10 goes to %s', (key, row) => expect(movedRow(key, 5, 10, 20)).toBe(row));

test('a range is covered by its pages', () =>
  expect([pagesOf({ from: 0, to: 0 }, 100), pagesOf({ from: 99, to: 201 }, 100)]).toEqual([[], [0, 1, 2]]));
