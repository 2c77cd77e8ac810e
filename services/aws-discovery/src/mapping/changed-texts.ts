/** Texts that are sent changed, and where their full form is. Pure. */
import type { StoreField } from '@federation-agent/contracts';

export interface ChangedText {
  readonly field: StoreField;
  /** The full text, from AWS or from the mapping. */
  readonly whole: string;
  readonly sent: string;
  /** Metadata: the full value that belongs to a name. */
  readonly value?: string;
}

/** The texts that are not sent unchanged. Both lists must have the same order. */
export function changedTexts(
  field: StoreField,
  whole: readonly string[],
  sent: readonly string[],
): ChangedText[] {
  return whole.flatMap((text, index) => {
    const other = sent[index] ?? '';
    return other === text ? [] : [{ field, whole: text, sent: other }];
  });
}

const heading = 'In full:';

/**
 * A paragraph with the full form of what was cut, as far as there is room, in whole lines. Empty when there is no room
 * or nothing was cut: a text that only got a mark has lost nothing.
 */
export function fullTextsNote(changed: readonly ChangedText[], room = Infinity): string {
  let text = heading;
  for (const { whole, sent, value } of changed) {
    if (sent.startsWith(whole)) continue;
    const line = `\n- ${value === undefined ? whole : `${whole}: ${value}`}`;
    if (text.length + line.length <= room) text += line;
  }
  return text === heading ? '' : text;
}
