/** @typedef {{ file: string, ms: number }} FileTime a test file, as a path from the checkout, and what it took */

/** Two folders deep, for packages; tests are told apart by what they play. @param {string} file */
const partOf = (file) => {
  const folders = file.split('/').slice(0, -1);
  return folders.slice(0, folders[0] === 'tests' ? 3 : 2).join('/');
};

const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(1)} s`.padStart(9);

/**
 * Where the time went: the parts that took longest, over all workers, and the files.
 * @param {FileTime[]} times
 * @param {number} [count] of each
 * @returns {string[]} lines
 */
export const slowest = (times, count = 6) => {
  /** @type {Map<string, number>} */
  const parts = new Map();
  for (const { file, ms } of times) parts.set(partOf(file), (parts.get(partOf(file)) ?? 0) + ms);
  const top = (/** @type {[string, number][]} */ all) =>
    all
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, ms]) => `${seconds(ms)}  ${name}`);
  const files = top(times.map(({ file, ms }) => [file, ms]));
  return ['slowest parts, all workers together:', ...top([...parts]), 'slowest files:', ...files];
};
