import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from '../../bootstrap/checkout.mjs';
import { ensureNatsServer } from '../../bootstrap/nats-server.mjs';
import { place } from '../../bootstrap/place.mjs';
import { onPath, run, took } from '../../bootstrap/run.mjs';
import { tools } from './table.mjs';

/** @typedef {import('./table.mjs').Tool} Tool */
/** @typedef {(line: string) => void} Log */

/** The folder of the programs: `FEDERATION_TOOLS`, which several checkouts may share, or `.tools` of this checkout. */
const named = process.env['FEDERATION_TOOLS'] || join(checkout, '.tools');
// Resolved, because a symbolic link may go away: a virtual environment has its path written into every program.
export const toolsFolder = existsSync(named) ? realpathSync(named) : named;
const home = join(toolsFolder, 'verify');

/** A program is not available on this machine; the message says why. */
class ToolMissingError extends Error {
  name = 'ToolMissingError';
}

/** A program would have to be built first, and that was not allowed. */
export class NotBuiltError extends ToolMissingError {
  name = 'NotBuiltError';
}

/** @type {Map<string, Promise<string>>} */
const fetching = new Map();

/**
 * The absolute path of a program, fetched where it is missing. Two that come from one source are fetched once.
 * @param {string} name
 * @param {{ log: Log, builds: boolean }} options `builds`: may it take many minutes?
 * @returns {Promise<string>}
 * @throws {ToolMissingError}
 */
export const ensureTool = async (name, options) => {
  const { log, builds } = options;
  if (name === 'python') return python();
  if (name === 'nats-server') return ensureNatsServer({ log });
  const tool = /** @type {Record<string, Tool>} */ (tools)[name];
  if (tool === undefined) throw new Error(`no tool is called ${name}: see scripts/verify/tools/table.mjs`);
  if (tool.by === 'script' && tool.minutes > 1 && !builds && !existsSync(join(toolsFolder, tool.binary)))
    throw new NotBuiltError(
      `${name} takes about ${tool.minutes} minutes to build, and --no-builds was asked for`,
    );
  const source = sourceOf(tool);
  const folder = fetching.get(source) ?? fetchOnce(source, tool, log);
  fetching.set(source, folder);
  return join(await folder, binaryOf(tool));
};

/** @param {Tool} tool what is fetched in one go */
const sourceOf = (tool) =>
  tool.by === 'script'
    ? tool.script
    : tool.by === 'debian'
      ? `debian-${tool.package}`
      : `${tool.by === 'go' ? tool.binary : tool.project}-${tool.version.replace(/^v/, '')}`;

/** @param {Tool} tool below the folder that its source fills */
const binaryOf = (tool) => (tool.by === 'pip' ? join('bin', tool.binary ?? 'python') : tool.binary);

/** @param {string} source @param {Tool} tool @param {Log} log @returns {Promise<string>} the folder */
const fetchOnce = async (source, tool, log) => {
  if (tool.by === 'script') return byScript(tool, log);
  const folder = join(home, source);
  if (existsSync(join(folder, binaryOf(tool)))) return folder;
  const started = Date.now();
  await mkdir(home, { recursive: true });
  if (tool.by === 'pip') await byPip(tool, folder);
  else await place(folder, (aside) => (tool.by === 'go' ? byGo(tool, aside) : byDebian(tool, aside)));
  log(`${source} fetched (${took(started)})`);
  return folder;
};

/** @param {import('./table.mjs').GoTool} tool @param {string} folder */
const byGo = async ({ module, version, command = module, binary, replace }, folder) => {
  if (onPath('go').length === 0) throw new ToolMissingError('go is not on PATH');
  const build = join(folder, 'module');
  await mkdir(build);
  const env = { ...process.env, CGO_ENABLED: '0' };
  const lines = [
    'module fetched',
    '',
    'go 1.26.0', // Without it every go.mod below applies, and some of those Go versions are not available.
    '',
    `require ${module} ${version}`,
    ...(replace ? ['', `replace ${replace}`] : []),
  ];
  await writeFile(join(build, 'go.mod'), `${lines.join('\n')}\n`);
  await writeFile(join(build, 'tool.go'), `//go:build tool\n\npackage fetched\n\nimport _ "${command}"\n`);
  await must('go', ['mod', 'tidy'], build, env);
  await must('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', join(folder, binary), command], build, env);
  await rm(build, { recursive: true });
};

/**
 * A virtual environment knows its own path, so it is made in place; its marker is written last.
 *
 * @param {import('./table.mjs').PipTool} tool
 * @param {string} folder
 */
const byPip = async ({ project, version }, folder) => {
  await rm(folder, { recursive: true, force: true });
  await must(python(), ['-m', 'venv', folder]);
  try {
    await must(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', `${project}==${version}`]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
};

/**
 * Debian's own package, unpacked and not installed; apt checks its signature.
 *
 * @param {import('./table.mjs').DebianTool} tool
 * @param {string} folder
 */
const byDebian = async (tool, folder) => {
  if (onPath('apt-get').length === 0) throw new ToolMissingError('no apt-get here');
  const download = () => run('apt-get', ['download', tool.package], { cwd: folder });
  if ((await download()).code !== 0) {
    await run('apt-get', ['update', '-qq']);
    await must('apt-get', ['download', tool.package], folder);
  }
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '';
  await must('dpkg', ['-x', join(folder, file), folder]);
  await rm(join(folder, file));
};

/** @param {import('./table.mjs').ScriptTool} tool @param {Log} log @returns {Promise<string>} */
const byScript = async ({ script, args, binary, minutes }, log) => {
  if (!existsSync(join(toolsFolder, binary)))
    log(`${script} builds from source: about ${minutes} minutes, once`);
  const env = { ...process.env, FEDERATION_TOOLS: toolsFolder };
  await must(join(checkout, 'scripts', 'verify', script), args, checkout, env);
  return toolsFolder;
};

const python = () => {
  const [path] = [...onPath('python3'), ...onPath('python')];
  if (path === undefined) throw new ToolMissingError('no python3 on PATH');
  return path;
};

/** @param {string} command @param {string[]} args @param {string} [cwd] @param {NodeJS.ProcessEnv} [env] */
const must = async (command, args, cwd = checkout, env = process.env) => {
  const { code, stdout, stderr } = await run(command, args, { cwd, env });
  if (code !== 0) {
    const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-5).join(' | ');
    throw new ToolMissingError(`${command} ${args[0] ?? ''} ended with ${code}: ${said}`);
  }
};
