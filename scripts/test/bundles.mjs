import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';
import { grown } from '../build/sizes.mjs';

/** @typedef {{ name: import('../build/bundle.mjs').ProgramName, files: string[] }} Bundle */

/** @type {import('../build/bundle.mjs').ProgramName[]} */
const services = ['gateway-link', 'aws-discovery', 'subscription-manager', 'console', 'agent'];
/** What else a bundle depends on. */
const alsoRead = ['package-lock.json', 'scripts/build/bundle.mjs', 'scripts/test/bundles.mjs'];

/**
 * Bundles the services as the images have them, for the tests that run them as processes. What ships is what is tested,
 * and a bundle starts in less time than its sources. Bundles of the same files are taken as they are.
 * @returns {Promise<string>} the folder, with `<name>.mjs` for each
 * @throws {Error} when a bundle has grown, see `sizes.mjs`
 */
export const bundlesForTests = async () => {
  const folder = join(checkout, '.cache', 'bundles');
  const bundles = (await bundlesAsBefore(folder)) ?? (await bundleAnew(folder));
  const lines = await Promise.all(
    bundles.map(async ({ name, files }) => {
      const { size } = await stat(join(folder, `${name}.mjs`));
      return grown(name, { files, bytes: size });
    }),
  );
  if (lines.flat().length > 0) throw new Error(lines.flat().join('\n'));
  return folder;
};

/** @param {string} folder @returns {Promise<Bundle[]>} */
const bundleAnew = async (folder) => {
  // esbuild is there only now.
  const [{ bundle }, { stop }] = await Promise.all([import('../build/bundle.mjs'), import('esbuild')]);
  await mkdir(folder, { recursive: true });
  await writeFile(noteOf(folder), '');
  const bundles = await bundle(services, folder);
  await stop(); // Its process has a gigabyte by now.
  await writeFile(noteOf(folder), JSON.stringify({ bundles, state: await stateOf(bundles) }));
  return bundles;
};

/** @param {string} folder @returns {Promise<Bundle[] | undefined>} undefined: a file has changed, or none is there */
const bundlesAsBefore = async (folder) => {
  try {
    /** @type {{ bundles: Bundle[], state: string }} */
    const { bundles, state } = JSON.parse(await readFile(noteOf(folder), 'utf8'));
    return state === (await stateOf(bundles)) ? bundles : undefined;
  } catch {
    return undefined;
  }
};

/** Written when all bundles are there. @param {string} folder */
const noteOf = (folder) => join(folder, 'bundles.json');

/** The size and the time of every file that is in a bundle. @param {readonly Bundle[]} bundles */
const stateOf = async (bundles) => {
  const files = [...new Set([...alsoRead, ...bundles.flatMap((one) => one.files)])];
  const seen = await Promise.all(
    files.map(async (file) => {
      // Names of our own plugin are no files.
      const { size, mtimeMs } = file.startsWith('builtin:')
        ? { size: 0, mtimeMs: 0 }
        : await stat(join(checkout, file));
      return `${file} ${size} ${mtimeMs}`;
    }),
  );
  return createHash('sha256').update(seen.join('\n')).digest('hex');
};
