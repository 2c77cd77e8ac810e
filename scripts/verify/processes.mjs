/** Programs that a check starts on loopback and ends when it is done. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** @param {number} count @returns {Promise<number[]>} ports of loopback that nobody has now */
export const freePorts = async (count) => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => /** @type {{ port: number }} */ (server.address()).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
};

/**
 * Runs `use` while the programs that it starts live; all are ended after it, with what they said in its error.
 * @template T
 * @param {(start: (command: string, args: string[], env?: NodeJS.ProcessEnv, cwd?: string) => void) => Promise<T>} use
 * @returns {Promise<T>}
 */
export const withProcesses = async (use) => {
  /** @type {{ child: import('node:child_process').ChildProcess, said: () => string }[]} */
  const started = [];
  try {
    return await use((command, args, env, cwd) => {
      const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => (said = (said + chunk).slice(-1_500)));
      child.on('error', (error) => (said += String(error)));
      started.push({ child, said: () => `${command}:\n${said}` });
    });
  } catch (error) {
    const said = started.map((one) => one.said()).join('\n');
    throw new Error(`${/** @type {Error} */ (error).message}\n${said}`, { cause: error });
  } finally {
    await Promise.all(
      started.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 12_000);
        await once(child, 'exit');
        clearTimeout(late);
      }),
    );
  }
};

/**
 * Asks until the answer is yes.
 * @param {string} what in the error
 * @param {() => Promise<boolean>} holds
 * @param {number} ms
 */
export const until = async (what, holds, ms = 60_000) => {
  for (const end = Date.now() + ms; !(await holds());) {
    if (Date.now() > end) throw new Error(`${what} did not come within ${ms / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

/** Whether a URL answers with a good status. @param {string} url */
export const answers = (url) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
