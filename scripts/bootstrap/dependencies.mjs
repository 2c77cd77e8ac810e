import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { npm } from './npm.mjs';
import { took } from './run.mjs';

/**
 * Do the installed packages fall behind the lock file? npm leaves `node_modules/.package-lock.json`, the list of what
 * it installed, as the last thing it does: none means none or half an installation.
 * Optional packages are left out: most are for other platforms.
 * @param {{ packages: Record<string, Package> }} wanted of `package-lock.json`
 * @param {{ packages: Record<string, Package> } | undefined} installed
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} Package
 */
export const isStale = (wanted, installed) =>
  installed === undefined ||
  Object.entries(wanted.packages).some(
    ([path, { version, optional, devOptional }]) =>
      path.includes('node_modules/') &&
      !optional &&
      !devOptional &&
      (installed.packages[path] === undefined || installed.packages[path].version !== version),
  );

/**
 * `npm ci` when `node_modules` is missing or older than `package-lock.json`. Install scripts of packages never run.
 * @param {{ root: string, log: (line: string) => void, env?: NodeJS.ProcessEnv }} options
 */
export const ensureDependencies = async ({ root, log, env = process.env }) => {
  if (!(await stale(root))) return;
  await alone(join(root, '.tools', 'npm-ci.lock'), log, async () => {
    if (!(await stale(root))) return; // Another run has done it while this one waited.
    const started = Date.now();
    log('Installing the packages of package-lock.json into node_modules (npm ci) …');
    await npm(['ci', '--ignore-scripts'], { cwd: root, env });
    log(`Packages installed (${took(started)})`);
  });
};

/** @param {string} root */
const stale = async (root) => {
  const wanted = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const installed = await readFile(join(root, 'node_modules', '.package-lock.json'), 'utf8').catch(
    () => undefined,
  );
  return isStale(wanted, installed === undefined ? undefined : JSON.parse(installed));
};

/**
 * One process at a time: a folder is the lock, and the one of a process that is gone is taken over.
 * @param {string} lock
 * @param {(line: string) => void} log
 * @param {() => Promise<void>} work
 */
const alone = async (lock, log, work) => {
  await mkdir(join(lock, '..'), { recursive: true });
  let said = false;
  while (!(await taken(lock))) {
    if (await abandoned(lock)) {
      await rm(lock, { recursive: true, force: true });
      continue;
    }
    if (!said) log('Another run is installing the packages: waiting for it …');
    said = true;
    await sleep(300);
  }
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
};

/** @param {string} lock */
const taken = async (lock) => {
  try {
    await mkdir(lock);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  }
  await writeFile(join(lock, 'pid'), String(process.pid));
  return true;
};

/** @param {string} lock */
const abandoned = async (lock) => {
  const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => ''));
  if (pid === 0)
    return Date.now() - (await stat(lock).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs > 5_000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
};
