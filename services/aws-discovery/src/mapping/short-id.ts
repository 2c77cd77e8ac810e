/**
 * A preview's `id` without account and region, for estates that do not fit into one message otherwise. APIM shows it nowhere
 * and sends it back in START_INGEST; what it keeps is the `uniqueId`, and the `id` of the ingest. Pure.
 */

/** `<restApiId>:<stage>` of `<account>:<region>:<restApiId>:<stage>`. */
export function shortId(uniqueId: string): string {
  return uniqueId.slice(uniqueId.indexOf(':', uniqueId.indexOf(':') + 1) + 1);
}
