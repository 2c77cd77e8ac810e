/**
 * A preview's `id` without account and region, for integrations whose APIs do not fit into one message otherwise. APIM
 * does not show it and sends it back in START_INGEST. APIM stores the `uniqueId`, and the `id` of the ingest. Pure.
 */

/** `<restApiId>:<stage>` of `<account>:<region>:<restApiId>:<stage>`. */
export function shortId(uniqueId: string): string {
  return uniqueId.slice(uniqueId.indexOf(':', uniqueId.indexOf(':') + 1) + 1);
}
