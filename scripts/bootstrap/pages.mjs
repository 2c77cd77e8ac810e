import { createHash } from 'node:crypto';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from './checkout.mjs';
import { run } from './run.mjs';

/** Where the sources of the console's pages are, and where the console finds the pages. */
export const webFolder = join(checkout, 'services', 'console', 'web');
export const pagesFolder = join(webFolder, 'dist');
/** The file that says what the pages were built from: the last that a build writes. */
export const stampFile = join(pagesFolder, 'built-from');

/**
 * Builds the console's pages, unless they are there and their sources are the same. By a process of its own: Vite needs
 * our Node. Without pages the console still answers its API, so a failure is only told.
 * @param {{ node: string, env: NodeJS.ProcessEnv, log: (line: string) => void }} options `node`: the one to build with
 * @returns {Promise<boolean>} are the pages there?
 */
export const ensurePages = async ({ node, env, log }) => {
  const built = await readFile(stampFile, 'utf8').catch(() => undefined);
  if (built === (await keyOfSources())) return true;
  const { code, stdout, stderr } = await run(node, [join(checkout, 'scripts', 'build', 'pages.mjs')], {
    env,
  });
  log(code === 0 ? stdout.trim() : `The console's pages cannot be built:\n${stderr.trim()}`);
  return code === 0;
};

/** Copies the pages beside bundles, where a bundled console looks for them. @param {string} folder of the bundles */
export const copyPages = (folder) => cp(pagesFolder, join(folder, 'console'), { recursive: true });

/** A hash of all that the pages are built from. */
export const keyOfSources = async () => {
  const inWeb = await readdir(join(webFolder, 'src'), { recursive: true });
  const sources = inWeb
    .filter((file) => /\.(?:css|svg|tsx?)$/u.test(file) && !file.endsWith('.test.ts'))
    .sort();
  const files = [
    join(checkout, 'package-lock.json'),
    join(checkout, 'scripts', 'build', 'pages.mjs'),
    join(webFolder, 'index.html'),
    ...sources.map((file) => join(webFolder, 'src', file)),
  ];
  const hash = createHash('sha256').update(sources.join('\n'));
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex');
};
