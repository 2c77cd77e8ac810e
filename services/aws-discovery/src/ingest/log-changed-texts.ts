/** Says once what APIM's store has no room for. */
import { createHash } from 'node:crypto';
import { cutText, widthOf } from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import type { ChangedText } from '../mapping/changed-texts.ts';

/** So much of a text is in the log line; a description may be many kilobytes. */
const shown = 1_024;

/**
 * One line per API, again only when there is something else to say of it, or by another process.
 *
 * @param said the hash of what was said, by the entry's key
 */
export function logChangedTexts(
  said: Map<string, string>,
  key: string,
  log: Telemetry['log'],
  changed: readonly ChangedText[],
): void {
  const news = createHash('sha256').update(JSON.stringify(changed)).digest('base64');
  if (changed.length === 0 || said.get(key) === news) return;
  said.set(key, news);
  log.info(
    {
      texts: changed.map(({ field, whole, sent }) => ({
        field,
        length: whole.length,
        width: widthOf(field),
        whole: cutText(whole, shown),
        sent: cutText(sent, shown),
      })),
      fix: 'nothing, if they can be read; else make them shorter in AWS, or tell them apart by more than their case',
    },
    "some texts of an API are cut or marked: APIM's database has no room for them, or would take two of them for one",
  );
}
