import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Runs a command to its end and keeps what it says. A command that does not exist answers code 127.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, input?: string, niceness?: number }} [options]
 *   `input`: what it reads; nothing without it. `niceness`: how far it stands back for others, to 19
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export const run = (command, args, { cwd, env = process.env, input, niceness = 0 } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    if (niceness > 0 && child.pid !== undefined) setPriority(child.pid, niceness);
    child.stdin.on('error', () => undefined); // The program may end before it has read everything.
    child.stdin.end(input);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });

/**
 * Every file of that name on PATH, in its order.
 * @param {string} name without `.exe`
 * @param {NodeJS.ProcessEnv} [env]
 */
export const onPath = (name, env = process.env) => {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, file)).filter((path) => existsSync(path));
};

/** How long something took, such as `0.4 s`. @param {number} since milliseconds of `Date.now()` */
export const took = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
