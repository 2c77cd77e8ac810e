/** @typedef {import('./types.d.ts').Pin} Pin */
/** @typedef {import('./types.d.ts').Answer} Answer */
/** @typedef {import('./types.d.ts').Verdict} Verdict */

/**
 * Is a pin the newest of its kind? What has another prefix or suffix (`v`, `-rc.1`, `-alpine`) is of another kind, and
 * so is what has fewer numbers: a tag like `24` moves.
 * @param {Pin} pin
 * @param {Answer | Error} answer an Error: why there is none
 * @returns {Verdict}
 */
export const judge = ({ pinned, line = '', commit }, answer) => {
  if (answer instanceof Error) return { state: 'not reachable', said: answer.message };
  const real = answer.commits?.[pinned];
  if (commit !== undefined && real !== undefined && real !== commit)
    return { state: 'wrong', said: `${pinned} is commit ${real}, not ${commit}` };
  const mine = partsOf(pinned);
  const comparable = answer.versions.filter((version) => {
    const parts = partsOf(version);
    return (
      parts.kind === mine.kind && parts.numbers.length >= mine.numbers.length && version.startsWith(line)
    );
  });
  // What its makers call the newest counts, unless we stay on an older line on purpose or are ahead of it.
  const named = line === '' && answer.latest !== undefined ? [answer.latest] : comparable;
  const newest = named.reduce((best, version) => (isNewer(version, best) ? version : best), pinned);
  if (newest !== pinned) return { state: 'behind', said: `newest is ${newest}` };
  if (!answer.versions.includes(pinned)) return { state: 'wrong', said: 'there is no such version' };
  return { state: 'newest', said: line === '' ? '' : `of ${line}x` };
};

/** `v24.21.0-slim` -> [24, 21, 0], of the kind `v…-slim`. @param {string} version */
const partsOf = (version) => {
  const [, prefix = '', numbers = '', suffix = ''] = /^(\D*)(\d+(?:\.\d+)*)(.*)$/.exec(version) ?? [];
  return { kind: `${prefix}…${suffix}`, numbers: numbers.split('.').map(Number) };
};

/** @param {string} a @param {string} b */
const isNewer = (a, b) => {
  const [left, right] = [partsOf(a).numbers, partsOf(b).numbers];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
};

/**
 * Pins of one thing at one version, said once with all their files.
 * @param {readonly Pin[]} pins
 * @returns {Pin[]}
 */
export const merged = (pins) => {
  const groups = Map.groupBy(pins, ({ source, pinned, commit }) =>
    [source.kind, source.name, pinned, commit].join(' '),
  );
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ ...first, where: [...new Set([first, ...rest].flatMap(({ where }) => where))] }],
  );
};
