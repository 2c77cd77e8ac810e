/** What a test file takes on two busy cores, about, by a part of its path: milliseconds; the first that fits. */
const known = Object.entries({
  '/tests/scale/': 100_000,
  '/tests/e2e/reach': 45_000,
  '/tests/interop/aws-changes': 100_000,
  '/tests/interop/controller/ingest': 90_000,
  '/tests/interop/moto/ingest': 90_000,
  '/tests/interop/sandbox/ingest': 70_000,
  '/tests/interop/': 50_000,
  '/tests/e2e/': 40_000,
  '/saga/model/': 50_000,
});

/** Elsewhere a byte for a millisecond: the longest of them are 15,000 bytes and take as many seconds. */
const perByte = 1;

/**
 * A guess, for a file that has not run here yet.
 * @param {string} path @param {number} bytes of the file @returns {number} milliseconds
 */
export const costOf = (path, bytes) =>
  known.find(([part]) => path.replaceAll('\\', '/').includes(part))?.[1] ?? bytes * perByte;
