import { randomInt } from 'node:crypto';

/** A source of randomness: a number in [0, 1). */
export type Random = () => number;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const MIXED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SPAN = 2 ** 32;

/** The randomness of the operating system. */
export const systemRandom: Random = () => randomInt(SPAN) / SPAN;

/** A repeatable source (mulberry32): the same seed gives the same sequence on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / SPAN;
  };
}

/** `length` characters of `alphabet`. */
function draw(random: Random, length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');
}

/** An id as AWS makes it (lower case and digits: 10 for APIs and keys, 6 for plans and deployments), not in `taken`. */
export function newId(random: Random, length: number, taken: { has(id: string): boolean }): string {
  for (;;) {
    const id = draw(random, length, LETTERS);
    if (!taken.has(id)) return id;
  }
}

/** A generated value of an API key: 40 letters and digits. */
export function newKeyValue(random: Random): string {
  return draw(random, 40, MIXED);
}

/** Letters and digits in upper case, for access key ids. */
export function newUpper(random: Random, length: number): string {
  return draw(random, length, LETTERS).toUpperCase();
}

/** A UUID from the given randomness, for request ids. */
export function newUuid(random: Random): string {
  const hex = draw(random, 32, '0123456789abcdef');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
