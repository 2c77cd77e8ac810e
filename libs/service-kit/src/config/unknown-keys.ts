/** Keys that nobody reads, with the nearest one that somebody does. */
import { describeConfiguration } from './describe.ts';
import { ignoredKeys } from './ignored-keys.ts';

const roots = ['integration', 'services', 'cloud', 'federation'];

/** Alike for a path and for a variable's name: small letters, one sign between words, no index. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\[\w+\]/gu, '.0')
    .replaceAll('_', '.')
    .replaceAll('-', '')
    .replace(/\.\d+(?=\.|$)/gu, '.0');

/** A warning per key under a root of ours. */
export function unknownKeys(
  unused: readonly { readonly origin: string; readonly like: string }[],
): readonly string[] {
  const known = describeConfiguration().map(({ path }) => ({ path, plain: plain(path) }));
  const ignored = ignoredKeys.map(({ path }) => plain(path));
  return unused.flatMap(({ origin, like }) => {
    const text = plain(like);
    if (!roots.includes(text.split('.')[0] ?? '')) return [];
    if (ignored.some((key) => text === key || text.startsWith(`${key}.`))) return [];
    const [nearest] = known
      .map((key) => ({ path: key.path, distance: editDistance(key.plain, text) }))
      .sort((a, b) => a.distance - b.distance);
    const hint =
      nearest && nearest.distance <= Math.max(3, text.length / 4) ? `; did you mean ${nearest.path}?` : '';
    return [`${origin}: unknown key, ignored${hint}`];
  });
}

/** Levenshtein. */
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
