import { run } from './run.mjs';

/**
 * Runs npm: the very one that started us where there is one (`npm start`), else the one on PATH.
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @throws {Error} with what npm said
 */
export const npm = async (args, { cwd, env = process.env }) => {
  const started = env['npm_execpath'] ?? '';
  const own = /npm-cli\.c?js$/.test(started);
  const all = [...args, '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, stdout, stderr } = own
    ? await run(process.execPath, [started, ...all], { cwd, env })
    : await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', all, { cwd, env });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stderr.trim() || stdout.trim()}`);
};
