/** Child processes of the demo: nats-server, the services and the console. Their logs go to files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface RunningProcess {
  readonly name: string;
  readonly logFile: string;
  /** Resolves when the process ends by itself, with a sentence about it. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFolder: string;
}

const stopMs = 12_000;

export function startProcess({ name, command, args, env, logFolder }: ProcessOptions): RunningProcess {
  const logFile = join(logFolder, `${name}.log`);
  const log = createWriteStream(logFile);
  // It has its own process group: Ctrl-C reaches only the demo, which then ends its children in order.
  const child = spawn(command, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  return {
    name,
    logFile,
    ended: new Promise((resolve) => {
      child.on('error', (error) => resolve(`${name} cannot be started: ${error.message}`));
      child.on('exit', (code, signal) =>
        resolve(`${name} ended by itself (${signal ?? `exit ${String(code)}`})`),
      );
    }),
    stop: () => stopChild(child),
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(late);
}

/** The last lines of a process's log, for an error. */
export async function tail({ logFile }: RunningProcess, lines = 15): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** A loopback port that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on loopback');
  return address.port;
}
