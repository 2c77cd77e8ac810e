/** Templates of names, versions and groups. Pure. */
import type { CatalogEntry } from '@federation-agent/contracts';

/** How an API is shown, as the integration is configured. */
export interface Showing {
  /** With `{name}`, `{stage}`, `{region}`, `{account}` and `{tag.<key>}`. */
  readonly nameTemplate: string;
  /** With `{info.version}`, `{deployment}`, `{stage}` and `{tag.<key>}`; absent: the API's version or creation date. */
  readonly versionTemplate?: string | undefined;
  /** With the words of a name; what the stages of one API have in common. */
  readonly groupTemplate?: string | undefined;
  readonly ownerTag?: string | undefined;
  readonly contactTag?: string | undefined;
  /** Addresses under custom domains are known, so that the absence of one says something. */
  readonly customDomains?: boolean | undefined;
}

/** Words in braces that are not known stay as they are; a tag that is missing is nothing. */
function fill(
  template: string,
  words: Readonly<Record<string, string>>,
  { tags }: Pick<CatalogEntry, 'tags'>,
): string {
  const filled = template.replace(/\{([^{}]+)\}/gu, (whole, word: string) => {
    if (word.startsWith('tag.')) return tags[word.slice('tag.'.length)] ?? '';
    return Object.hasOwn(words, word) ? (words[word] ?? '') : whole;
  });
  // Only a missing tag leaves blanks that nobody wrote.
  return template.includes('{tag.') ? filled.replaceAll(/\s+/gu, ' ').trim() : filled;
}

/** The result is never empty. */
export function apiName(entry: CatalogEntry, { nameTemplate }: Pick<Showing, 'nameTemplate'>): string {
  const filled = fill(nameTemplate, nameWords(entry), entry);
  return filled.trim() === '' ? entry.uniqueId : filled;
}

/** The entry's own version where there is no template, or where it comes to nothing. */
export function versionOf(
  entry: CatalogEntry,
  { versionTemplate }: Pick<Showing, 'versionTemplate'>,
): string {
  if (versionTemplate === undefined) return entry.version;
  const { document, deploymentId = '', stage, version } = entry;
  const exported = document.state === 'stored' ? document.facts?.version : undefined;
  const words = { 'info.version': exported ?? version, deployment: deploymentId, stage };
  return fill(versionTemplate, words, entry).trim() || version;
}

/** Empty: no group. */
export function groupOf(entry: CatalogEntry, { groupTemplate }: Pick<Showing, 'groupTemplate'>): string {
  return groupTemplate === undefined ? '' : fill(groupTemplate, nameWords(entry), entry).trim();
}

function nameWords({ name, stage, region, account }: CatalogEntry): Readonly<Record<string, string>> {
  return { name, stage, region, account };
}
