/**
 * For an APIM on MySQL or MariaDB. Its changelogs make columns of `nvarchar` and `nclob`, which are utf8mb3 there: no
 * character beyond the basic plane, so no emoji, in a name, a description or a document (gravitee-api-management #16754).
 * Pure.
 */

/** Every such character in any text of a JSON value is U+FFFD, which says that there was one. */
export function toUtf8mb3<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replace(/[\u{10000}-\u{10FFFF}]/gu, '\ufffd')) as T;
}
