/** @typedef {import('./checks/types.d.ts').Check} Check */

/**
 * The checks that a command line asks for.
 * @param {readonly Check[]} checks
 * @param {{ words: readonly string[], quick: boolean }} asked `words`: any of them in the name will do; none asks for all
 * @returns {Check[]}
 */
export const choose = (checks, { words, quick }) =>
  checks.filter(
    ({ name, slow }) =>
      (words.length === 0 || words.some((word) => name.includes(word))) && !(quick && slow === true),
  );
