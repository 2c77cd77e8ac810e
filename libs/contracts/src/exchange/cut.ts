/** Cuts texts to a width, at whole characters. Pure. Widths are UTF-16 code units. */
import { widthOf } from './widths.ts';

const ellipsis = '…';
/** Made when a text is first cut: its tables take a while to load. */
let segmenter: Intl.Segmenter | undefined;
const segmentsOf = (text: string): Intl.Segments =>
  (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })).segment(text);

/**
 * The unchanged text when it fits; otherwise its beginning, an ellipsis, and its last `tail` units. A character of
 * several code points (a surrogate pair, an emoji, a letter with its marks) is not split, unless it is wider than all
 * the room; then it is cut between code points.
 *
 * @param width 1 or more
 */
export function cutText(text: string, width: number, tail = 0): string {
  if (text.length <= width) return text;
  const room = width - ellipsis.length;
  const kept = Math.min(tail, room);
  const end = kept > 0 ? text.slice(startAfter(text, text.length - kept)) : '';
  return text.slice(0, endBefore(text, room - end.length)) + ellipsis + end;
}

/**
 * A description followed by sentences of ours, as wide as APIM's store allows. What is cut is the description, at its
 * end, or before its last `tail` units when those are sentences of ours too.
 */
export function withNotes(description: string, notes: readonly string[], tail = 0): string {
  const width = widthOf('api.description');
  const behind = notes.filter((note) => note !== '').join('\n\n');
  if (behind === '') return cutText(description, width, tail);
  const room = width - behind.length - 2;
  if (description === '' || room < 1) return cutText(behind, width);
  return `${cutText(description, room, tail)}\n\n${behind}`;
}

/** How many units at the end of a description stay when one more sentence is added. */
export const notesTail = 1_500;

/** The last boundary at or before an index; never 0 when a code point fits. */
function endBefore(text: string, index: number): number {
  const found = segmentsOf(text).containing(index);
  if (found === undefined || found.index === index) return index;
  if (found.index > 0) return found.index;
  return isPairAt(text, index) ? index - 1 : index;
}

/** The first boundary at or after an index. */
function startAfter(text: string, index: number): number {
  const found = segmentsOf(text).containing(index);
  if (found === undefined || found.index === index) return index;
  const next = found.index + found.segment.length;
  if (next < text.length) return next;
  return isPairAt(text, index) ? index + 1 : index;
}

/** Whether an index lies between the halves of a surrogate pair. */
function isPairAt(text: string, index: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(index - 1, index + 1));
}
