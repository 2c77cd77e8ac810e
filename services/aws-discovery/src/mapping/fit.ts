/**
 * Makes texts fit into APIM's store, and keeps them distinct where the store, or a reader, has nothing else to tell
 * them apart by. Pure.
 *
 * - A text that is too wide is cut and gets an ellipsis. Where texts of its kind must be distinct, it ends with `~` and
 *   six hex digits of its hash. Such a text is often a key, so it must be the same at every ingest, whatever the texts
 *   beside it.
 * - When the database may take several texts for the same one (`Env` and `env`), the first in their order stays
 *   unchanged. The others end with `~` and their hash too.
 * - Two identical texts count as one. Two plans with one name count as two: the second ends with `~` and its plan id.
 */
import { createHash } from 'node:crypto';
import { cutText, storeWidths, widthOf, type StoreField, type StoreWidth } from '@federation-agent/contracts';
import { collationKey } from './collation-key.ts';

export interface TextToFit {
  readonly text: string;
  /** Distinguishes texts that must be distinct; the text itself when there is nothing else. */
  readonly identity: string;
  /** Goes behind `~` in place of the identity's hash. */
  readonly mark?: string;
}

/** How much of the end of a cut text is kept, in UTF-16 units. */
export type TailLength = (text: string) => number;

const hashDigits = 6;

/** Fits one text on its own. When it is cut and its kind must be distinct, it gets a mark from its identity. */
export function fitOne(field: StoreField, one: TextToFit, tailLength: TailLength = () => 0): string {
  const { distinct }: StoreWidth = storeWidths[field];
  const text = one.text.toWellFormed();
  if (text.length <= widthOf(field)) return text;
  return distinct ? marked(field, one, 0, tailLength) : cutText(text, widthOf(field), tailLength(text));
}

/**
 * Fits texts that stand beside each other: all fit, and no two of them may be taken for the same one. The result for a
 * text does not depend on the order of the texts; the results come in that order.
 */
export function fitAll(
  field: StoreField,
  texts: readonly TextToFit[],
  tailLength: TailLength = () => 0,
): string[] {
  const fitted = new Map<string, string>();
  const taken = new Set<string>();
  for (const one of texts.toSorted(inOrder(field))) {
    if (fitted.has(one.identity)) continue;
    let text = fitOne(field, one, tailLength);
    for (let attempt = 0; taken.has(collationKey(text)); attempt += 1)
      text = marked(field, one, attempt, tailLength);
    taken.add(collationKey(text));
    fitted.set(one.identity, text);
  }
  return [...new Map(texts.map(({ identity }) => [identity, fitted.get(identity) ?? ''])).values()];
}

/** Texts that fit come first, so that none of them is changed because of a text that was cut. */
function inOrder(field: StoreField): (a: TextToFit, b: TextToFit) => number {
  const isCut = ({ text }: TextToFit): number => (text.length > widthOf(field) ? 1 : 0);
  return (a, b) => isCut(a) - isCut(b) || compare(a.text, b.text) || compare(a.identity, b.identity);
}

/** @param attempt from 0: how many marks were already taken by other texts */
function marked(
  field: StoreField,
  { text, identity, mark }: TextToFit,
  attempt: number,
  tailLength: TailLength,
): string {
  const hash = createHash('sha256').update(identity).digest('hex');
  const behind = `~${attempt === 0 && mark !== undefined ? mark : hash.slice(0, hashDigits + attempt)}`;
  const room = widthOf(field) - behind.length;
  return cutText(text.toWellFormed(), room, Math.min(tailLength(text), Math.floor(room * 0.75))) + behind;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
