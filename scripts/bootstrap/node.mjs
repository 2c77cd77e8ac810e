import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { place } from './place.mjs';
import { took } from './run.mjs';
import { atLeast } from './versions.mjs';

/** The oldest Node that runs the sources: it strips the types of `.ts` files itself, and is a maintained LTS. */
const minimumNode = '24.0';

const pins = JSON.parse(await readFile(new URL('pins.json', import.meta.url), 'utf8')).node;

/**
 * The path of a Node that runs the sources: the running one when it is new enough, else the pinned one in
 * `.tools/node`, fetched as an npm package (whose integrity is pinned here too).
 * @param {{ root: string, log: (line: string) => void, running?: { version: string, execPath: string } }} options
 * @returns {Promise<string>}
 */
export const ensureNode = async ({ root, log, running = process }) => {
  if (atLeast(running.version, minimumNode)) return running.execPath;

  const platform = `${process.platform}-${process.arch}`;
  const pin = pins[platform];
  if (pin === undefined) {
    throw new Error(
      `Node ${minimumNode} or newer is needed and none is pinned for ${platform}: install it from https://nodejs.org`,
    );
  }
  const home = join(root, '.tools', 'node');
  const path = join(
    home,
    'node_modules',
    pin.package,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(path) && (await installedVersion(home, pin.package)) === pin.version) return path;

  const started = Date.now();
  log(`Node ${running.version} is older than ${minimumNode}: fetching ${pin.version} into .tools/ …`);
  if (existsSync(home)) {
    const old = `${home}.old-${process.pid}`; // Moved away first, because something may still run from it.
    await rename(home, old);
    await rm(old, { recursive: true, force: true });
  }
  await place(home, async (aside) => {
    await writeFile(join(aside, 'package.json'), JSON.stringify(manifest(pin)));
    await writeFile(join(aside, 'package-lock.json'), JSON.stringify(lockFile(pin)));
    await npm(['ci', '--ignore-scripts', '--prefix', aside], { cwd: aside });
  });
  log(`Node ${pin.version} is in .tools/ (${took(started)})`);
  return path;
};

/** @typedef {{ package: string, version: string, integrity: string }} Pin */

/** @param {Pin} pin */
const manifest = (pin) => ({ private: true, dependencies: { [pin.package]: pin.version } });

/** With a lock file, npm itself refuses a package with another integrity than the pinned one. @param {Pin} pin */
const lockFile = (pin) => ({
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': manifest(pin),
    [`node_modules/${pin.package}`]: { version: pin.version, integrity: pin.integrity },
  },
});

/** @param {string} home @param {string} name @returns {Promise<string | undefined>} */
const installedVersion = async (home, name) => {
  try {
    return JSON.parse(await readFile(join(home, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
};
