/**
 * For an APIM on MySQL or MariaDB. Its changelogs create `nvarchar` and `nclob` columns, which are utf8mb3 there: no
 * name, description or document may have a character beyond the basic plane, such as an emoji (gravitee-api-management
 * #16754). Pure.
 */

/** Replaces every such character in any text of a JSON value with U+FFFD, which shows that there was one. */
export function toUtf8mb3<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replace(/[\u{10000}-\u{10FFFF}]/gu, '\ufffd')) as T;
}
