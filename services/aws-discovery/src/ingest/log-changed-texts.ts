/** Logs once which texts do not fit into APIM's store. */
import { createHash } from 'node:crypto';
import { cutText, widthOf } from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import type { ChangedText } from '../mapping/changed-texts.ts';

/** How much of a text the log line has; a description may be many kilobytes. */
const shown = 1_024;

/**
 * Logs one line per API. It repeats the line only when the texts differ, or in another process.
 *
 * @param said the hash of what was logged, by entry key
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
      fix: 'nothing, if they are still readable; otherwise make them shorter in AWS, or make them differ in more than upper and lower case',
    },
    "some texts of an API are cut or marked: APIM's database has no room for them, or would take two of them for one",
  );
}
