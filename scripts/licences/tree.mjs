/**
 * What is read of `package-lock.json` (version 3) and of a `package.json`.
 * @typedef {object} Entry
 * @property {string} [version]
 * @property {string} [name] where it is not that of the folder
 * @property {unknown} [license] an SPDX expression; old packages have an object with `type`
 * @property {unknown} [licenses] old packages: a list of such objects, of which one may choose
 * @property {boolean} [link] a workspace
 * @property {string} [resolved] of a link: the folder of the workspace
 * @property {boolean} [dev]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 *
 * @typedef {{ packages: Record<string, Entry> }} Lock
 * @typedef {{ path: string, name: string, version: string, licence: string | undefined, dev: boolean }} Package `path`:
 *   its folder
 */

/**
 * Every package that is not ours, in the order of their paths.
 * @param {Lock} lock
 * @param {(path: string) => Entry} manifest the `package.json` in that folder, `{}` where there is none; asked only for
 *   what the lock file does not say
 * @returns {Package[]}
 */
export const packagesOf = (lock, manifest) =>
  Object.entries(lock.packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .map(([path, entry]) => ({
      path,
      name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      licence: licenceOf(entry) ?? licenceOf(manifest(path)),
      dev: entry.dev === true,
    }));

/** @param {Entry} entry @returns {string | undefined} */
const licenceOf = ({ license, licenses }) => {
  if (Array.isArray(licenses) && license === undefined) return licenses.map(typeOf).join(' OR ');
  return typeOf(license);
};

/** @param {any} license */
const typeOf = (license) => (typeof license === 'object' ? license?.type : license);

/**
 * Who asks for a package: the shortest way to it from a workspace, as `services/standalone > a > b`.
 * @param {Lock} lock
 * @param {string} target the package's path
 * @returns {string} empty when nobody does
 */
export const wayTo = (lock, target) => {
  const queue = Object.keys(lock.packages)
    .filter((path) => !path.includes('node_modules/'))
    .map((path) => ({ path, way: path || 'package.json' }));
  const seen = new Set(queue.map(({ path }) => path));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next.path === target) return next.way;
    for (const name of dependenciesOf(lock.packages[next.path] ?? {})) {
      const path = resolve(lock, next.path, name);
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      queue.push({ path, way: `${next.way} > ${name}` });
    }
  }
  return '';
};

/** @param {Entry} entry */
const dependenciesOf = ({ dependencies, devDependencies, optionalDependencies, peerDependencies }) =>
  Object.keys({ ...peerDependencies, ...optionalDependencies, ...devDependencies, ...dependencies });

/**
 * As Node does it: the next `node_modules` upwards that has it.
 *
 * @param {Lock} lock
 * @param {string} from
 * @param {string} name
 */
const resolve = ({ packages }, from, name) => {
  for (let folder = from; ; folder = above(folder)) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    const entry = packages[path];
    if (entry !== undefined) return entry.link ? entry.resolved : path;
    if (folder === '') return undefined;
  }
};

/** `node_modules/a/node_modules/b` -> `node_modules/a` -> the root. @param {string} folder */
const above = (folder) => folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0));
