import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';
import { judge } from './judge.mjs';

/** @param {string} path below the checkout @returns {any} */
const json = (path) => JSON.parse(readFileSync(join(checkout, path), 'utf8'));

/** @param {string} path a package's folder @returns {import('./tree.mjs').Entry} */
const manifest = (path) => {
  try {
    return json(`${path}/package.json`);
  } catch {
    return {}; // Not installed: it is for another platform.
  }
};

/** `judge` for this checkout. */
export const judgeCheckout = () =>
  judge(json('package-lock.json'), json('scripts/licences/allowed.json'), manifest);
