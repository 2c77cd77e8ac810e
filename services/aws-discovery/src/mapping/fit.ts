/**
 * Texts as wide as APIM's store takes them, and distinct where it, or its reader, tells them apart by nothing else. Pure.
 *
 * - What is too wide is cut, with an ellipsis. Where texts of its kind must be distinct it ends with `~` and six hex digits
 *   of its hash: such a text is often a key, and must be the same at every ingest, whatever is beside it.
 * - Of texts that the database may take for one (`Env` and `env`), the first in their order stays as it is; the others end
 *   with `~` and their hash too.
 * - The very same text twice is one. Two plans of one name are two: the others end with `~` and the id of their plan.
 */
import { createHash } from 'node:crypto';
import { cutText, storeWidths, widthOf, type StoreField, type StoreWidth } from '@federation-agent/contracts';
import { collationKey } from './collation-key.ts';

export interface Sibling {
  readonly text: string;
  /** What it is told apart by where it has to be; its text where that is all there is. */
  readonly identity: string;
  /** Stands behind `~` in place of the identity's hash. */
  readonly mark?: string;
}

/** How much of the end of a text that is cut is kept, UTF-16 units. */
export type Tail = (text: string) => number;

const digits = 6;

/** A text alone. One that is cut, and of a kind that must be distinct, is told by its identity. */
export function fitOne(field: StoreField, sibling: Sibling, tail: Tail = () => 0): string {
  const { distinct }: StoreWidth = storeWidths[field];
  const text = sibling.text.toWellFormed();
  if (text.length <= widthOf(field)) return text;
  return distinct ? marked(field, sibling, 0, tail) : cutText(text, widthOf(field), tail(text));
}

/**
 * Texts beside each other: all fit, and no two of them fold to one. What a text becomes does not depend on the order that
 * they are given in, which is that of the answer.
 */
export function fitAll(field: StoreField, siblings: readonly Sibling[], tail: Tail = () => 0): string[] {
  const fitted = new Map<string, string>();
  const taken = new Set<string>();
  for (const sibling of siblings.toSorted(inOrder(field))) {
    if (fitted.has(sibling.identity)) continue;
    let text = fitOne(field, sibling, tail);
    for (let attempt = 0; taken.has(collationKey(text)); attempt += 1)
      text = marked(field, sibling, attempt, tail);
    taken.add(collationKey(text));
    fitted.set(sibling.identity, text);
  }
  return [...new Map(siblings.map(({ identity }) => [identity, fitted.get(identity) ?? ''])).values()];
}

/** Those that fit come first: none of them makes room for one that was cut. */
function inOrder(field: StoreField): (a: Sibling, b: Sibling) => number {
  const isCut = ({ text }: Sibling): number => (text.length > widthOf(field) ? 1 : 0);
  return (a, b) => isCut(a) - isCut(b) || compare(a.text, b.text) || compare(a.identity, b.identity);
}

/** @param attempt from 0: by then so many marks were somebody else's */
function marked(field: StoreField, { text, identity, mark }: Sibling, attempt: number, tail: Tail): string {
  const hash = createHash('sha256').update(identity).digest('hex');
  const behind = `~${attempt === 0 && mark !== undefined ? mark : hash.slice(0, digits + attempt)}`;
  const room = widthOf(field) - behind.length;
  return cutText(text.toWellFormed(), room, Math.min(tail(text), Math.floor(room * 0.75))) + behind;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
