/** Keys that nobody reads, each with the most similar key that is read. */
import { describeConfiguration } from '../description/describe.ts';
import { ignoredKeys, unsupportedKeys } from './ignored-keys.ts';
import { environmentName, relaxedNames, withoutPrefix } from '../sources/names.ts';
import type { UnusedKey } from '../sources/properties.ts';

const roots = ['integration', 'services', 'system', 'cloud', 'federation'];

/** A form in which paths and variable names can be compared: lower case, one sign between words, no index. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\[\w+\]/gu, '.0')
    .replaceAll('_', '.')
    .replaceAll('-', '')
    .replace(/\.\d+(?=\.|$)/gu, '.0');

/** A warning for each unknown key below one of our roots, or below a name that is similar to a root. */
export function unknownKeys(unused: readonly UnusedKey[]): readonly string[] {
  const known = describeConfiguration().map(({ path, list }) => ({ path, list, plain: plain(path) }));
  const ignored = ignoredKeys.map(({ path }) => plain(path));
  return unused.flatMap((key) => {
    const text = plain(key.like);
    const [root = ''] = text.split('.');
    const misplaced = known.find((one) => isPart(one.plain, text) || isPart(text, one.plain));
    if (!misplaced && !roots.some((one) => one === root || editDistance(one, root) <= 2)) return [];
    if (ignored.some((one) => text === one || text.startsWith(`${one}.`))) return [];
    const unsupported = unsupportedKeys.find(
      ({ path }) => text === plain(path) || text.startsWith(`${plain(path)}.`),
    );
    if (unsupported) return [`${key.origin}: not supported, ignored: ${unsupported.why}`];
    if (misplaced) return [`${key.origin}: ${whyUnread(key, text, { ...misplaced, distance: 1 })}`];
    const [nearest] = known
      .map((one) => ({ ...one, distance: editDistance(one.plain, text) }))
      .sort((a, b) => a.distance - b.distance);
    if (!nearest || nearest.distance > Math.max(3, text.length / 4))
      return [`${key.origin}: unknown key, ignored`];
    return [`${key.origin}: ${whyUnread(key, text, nearest)}`];
  });
}

/** Whether `end`, of three words or more, is the end of `whole`: the key was written at the wrong level. */
function isPart(whole: string, end: string): boolean {
  return end.split('.').length >= 3 && whole.endsWith(`.${end}`);
}

interface Near {
  readonly path: string;
  readonly plain: string;
  readonly list: boolean;
  readonly distance: number;
}

function whyUnread({ origin, like, inEnvironment }: UnusedKey, text: string, near: Near): string {
  const path = withIndices(near.path, like);
  if (text === `${near.plain}.0`)
    return near.list
      ? 'not read: the list ends before this item, or is also written as one text'
      : 'must be one text, not a list';
  const isSpelledWell =
    like === path ||
    (inEnvironment && withoutPrefix(origin) !== undefined && relaxedNames(path).includes(like));
  if (near.distance === 0 && isSpelledWell)
    return 'not read: the list ends before this item, at the first missing index';
  if (near.distance === 0 && inEnvironment)
    return `unknown key, ignored: upper and lower case are wrong: write ${environmentName(path)}, or all of it in upper case`;
  return `unknown key, ignored; did you mean ${inEnvironment ? environmentName(path) : path}?`;
}

/** The known path with the indices that the user wrote. */
function withIndices(path: string, like: string): string {
  const indices = [...like.matchAll(/[[_.](\d+)(?=[\]_.]|$)/gu)].map(([, index]) => index);
  return path.replaceAll('[n]', () => `[${indices.shift() ?? 'n'}]`);
}

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
