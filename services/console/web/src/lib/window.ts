/** Which rows of a long table are drawn. */

export interface Viewport {
  /** Pixels scrolled, pixels seen, pixels of a row. */
  readonly top: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly total: number;
}

/** First row, and the one behind the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Rows above and below what is seen, so that a quick scroll shows rows and not a gap. */
const margin = 12;

export function visibleRows({ top, height, rowHeight, total }: Viewport): Range {
  const first = Math.floor(top / rowHeight) - margin;
  const from = Math.max(0, Math.min(first, total - Math.ceil(height / rowHeight) - margin));
  return { from, to: Math.min(total, Math.ceil((top + height) / rowHeight) + margin) };
}

/** The nearest scroll position that shows the row. `head`: pixels that the head of the table covers. */
export function scrollTo(
  row: number,
  { top, height, rowHeight }: Omit<Viewport, 'total'>,
  head: number,
): number {
  const start = row * rowHeight;
  if (start < top) return start;
  const bottom = start + rowHeight + head - height;
  return bottom > top ? bottom : top;
}

/** Where a key moves the active row to, or undefined for keys that are none of the table's. */
export function movedRow(key: string, row: number, total: number, page: number): number | undefined {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -total, End: total }[key];
  return step === undefined ? undefined : Math.max(0, Math.min(total - 1, row + step));
}

/** The numbers of the pages of `size` rows that cover the range. */
export function pagesOf({ from, to }: Range, size: number): readonly number[] {
  if (to <= from) return [];
  const first = Math.floor(from / size);
  return Array.from({ length: Math.floor((to - 1) / size) - first + 1 }, (_, index) => first + index);
}
