/** @typedef {import('./checks/types.d.ts').Check} Check */

/**
 * The checks that a command line asks for.
 * @param {readonly Check[]} checks
 * @param {{ words: readonly string[], quick: boolean }} asked `words`: any of them in the name will do; none asks for
 *   all but those that measure
 * @returns {Check[]}
 */
export const choose = (checks, { words, quick }) =>
  checks.filter(
    ({ name, slow, measures }) =>
      (words.length === 0 ? measures !== true : words.some((word) => name.includes(word))) &&
      !(quick && slow === true),
  );
