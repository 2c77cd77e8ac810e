/**
 * The numbers of a version, from whatever carries it: `v24.21.0`, `nats-server: v2.14.6`, `2.10.27-1+b1`, `1:2.9`.
 * @param {string} text
 * @returns {number[]} empty when there is none
 */
export const parseVersion = (text) =>
  (/(?:^|[\sv:])(\d+(?:\.\d+)+)/.exec(text)?.[1] ?? '')
    .split('.')
    .filter((part) => part !== '')
    .map(Number);

/**
 * Is `text` the version `minimum` or a newer one? A text without a version is not.
 * @param {string} text
 * @param {string} minimum
 */
export const atLeast = (text, minimum) => {
  const have = parseVersion(text);
  if (have.length === 0) return false;
  const want = parseVersion(minimum);
  for (const [index, number] of want.entries()) {
    const difference = (have[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
};
