/** Texts that are sent otherwise than they are, and where they still stand in full. Pure. */
import type { StoreField } from '@federation-agent/contracts';

export interface ChangedText {
  readonly field: StoreField;
  /** As AWS, or the mapping, has it. */
  readonly whole: string;
  readonly sent: string;
  /** Metadata: the value that belongs to a name, in full. */
  readonly value?: string;
}

/** Those of the texts that are not sent as they are; both lists are in the same order. */
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
 * A paragraph that has in full what was cut, as long as there is room: whole lines only. Empty where there is none, or nothing
 * to say: a text that only has a mark behind it has lost nothing.
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
