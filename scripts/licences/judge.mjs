import { isMet } from './expression.mjs';
import { packagesOf, wayTo } from './tree.mjs';

/** @typedef {import('./tree.mjs').Entry} Entry */
/** @typedef {import('./tree.mjs').Lock} Lock */
/** @typedef {import('./tree.mjs').Package} Package */
/**
 * @typedef {object} Allowed as in allowed.json
 * @property {string[]} licences SPDX identifiers that any package may have
 * @property {Record<string, { licence: string, why: string }>} developmentOnly packages that may have another one, as
 *   long as nothing that is shipped needs them
 */

/**
 * The licences of every package that the lock file names, for this platform and others, and those that are refused.
 * @param {Lock} lock
 * @param {Allowed} allowed
 * @param {(path: string) => Entry} manifest see `packagesOf`
 * @returns {{ packages: Package[], refused: string[] }} `refused`: a line each, with the package, why, and who asks for
 *   it
 */
export const judge = (lock, { licences, developmentOnly }, manifest) => {
  const any = new Set(licences);
  const packages = packagesOf(lock, manifest);
  const refused = packages
    .filter(({ name, licence = '', dev }) => {
      const also = dev && Object.hasOwn(developmentOnly, name) && developmentOnly[name];
      return !isMet(licence, also ? new Set([...any, also.licence]) : any);
    })
    .map(({ path, name, version, licence }) => {
      const why = licence === undefined ? 'says no licence' : `${licence} is not allowed`;
      return `${name} ${version}: ${why} (${path}, by ${wayTo(lock, path) || 'nobody'})`;
    });
  return { packages, refused };
};
