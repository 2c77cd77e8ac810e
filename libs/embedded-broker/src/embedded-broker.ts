/**
 * Runs nats-server as a child process: on loopback, with a random token, its store in the data folder, and every write
 * synced. It survives a SIGKILL of its parent, so it is started under `setpriv --pdeathsig` where available, and a pid
 * file is checked at the start. The token is passed in the environment, so that the configuration file has no secret.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type Clock, FederationError, type Logger } from '@federation-agent/base';
import { brokerMemoryLimit } from './broker-memory.ts';

/** nats-server ended right after its start; its last lines tell why. */
export class EmbeddedBrokerError extends FederationError {
  constructor(message: string) {
    super(message, { code: 'embedded-broker', disposition: 'final' });
  }
}

export interface EmbeddedBroker {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

export interface EmbeddedBrokerOptions {
  readonly binary: string;
  readonly dataFolder: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Absent: a random one. */
  readonly token?: string;
  /** Called when the server's process runs but does not serve yet. */
  readonly onSpawned?: () => void;
}

const startMs = 10_000;
const stopMs = 5_000;
const restartMs = 250;

const portTries = 5;

const storeOf = (dataFolder: string): string => join(dataFolder, 'jetstream');

/** Whether a broker has ever run on this folder: otherwise nothing of an earlier version can be there. */
export const hasStore = (dataFolder: string): boolean => existsSync(storeOf(dataFolder));

/** Another process may take a free port before nats-server does; then another port is tried. */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      const taken = error instanceof EmbeddedBrokerError && error.message.includes('address already in use');
      if (!taken || tries === portTries) throw error;
    }
  }
}

async function startOn(port: number, options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { binary, dataFolder, log, clock } = options;
  const pidFile = join(dataFolder, 'nats-server.pid');
  const [dies] = await Promise.all([withParentDeath(), endLeftOver(pidFile, dataFolder, clock)]);
  const token = options.token ?? randomBytes(24).toString('base64url');
  const config = join(dataFolder, 'nats-server.conf');
  await mkdir(storeOf(dataFolder), { recursive: true, mode: 0o700 });
  await writeFile(config, configuration(port, storeOf(dataFolder), pidFile), { mode: 0o600 });

  let up = false;
  let stopping = false;
  let running = run();
  options.onSpawned?.();
  await ready(running);
  up = true;

  function run(): RunningServer {
    const [command, ...before] = dies;
    const server = [binary, '-c', config] as const;
    const started = spawn(
      command ?? server[0],
      command === undefined ? server.slice(1) : [...before, ...server],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        // nats-server parses the variable like its file: without quotes, a token that begins with a digit is not a
        // text.
        env: {
          FEDERATION_BROKER_TOKEN: JSON.stringify(token),
          PATH: process.env['PATH'],
          GOMEMLIMIT: process.env['GOMEMLIMIT'] ?? brokerMemoryLimit(process.constrainedMemory(), totalmem()),
        },
        // A Ctrl-C reaches the whole terminal group, but the broker must live longer than the services that drain into
        // it.
        detached: true,
      },
    );
    const listening = listen(started);
    // `close`, not `exit`: by then all its output has been read.
    started.on('close', (code, signal) => {
      if (stopping || !up) return;
      log.error(
        { exitCode: code, signal, said: listening.said() },
        'the embedded broker ended; it is started again',
      );
      void clock.sleep(restartMs).then(() => {
        if (!stopping) running = run();
      });
    });
    return { child: started, ...listening };
  }

  /** Waits for the line that reports it ready; the log is on stderr. */
  async function ready(starting: RunningServer): Promise<void> {
    const settled = new AbortController();
    const outcome = await Promise.race([
      starting.ready.then(() => 'ready' as const),
      starting.closed.then(() => 'ended' as const),
      clock.sleep(startMs, settled.signal).then(() => 'late' as const),
    ]);
    settled.abort();
    if (outcome === 'ready') return;
    stopping = true;
    starting.child.kill('SIGKILL');
    throw new EmbeddedBrokerError(`nats-server did not start (${outcome}): ${starting.said()}`);
  }

  return {
    url: `nats://127.0.0.1:${port}`,
    token,
    async stop() {
      stopping = true;
      const { child } = running;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      clearTimeout(late);
      await rm(pidFile, { force: true });
    },
  };
}

interface RunningServer {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly closed: Promise<void>;
  /** Its last lines, joined. */
  said(): string;
}

/** The log is always read, because a full pipe would stop the server. */
function listen(child: ChildProcess & { readonly stderr: Readable }): Omit<RunningServer, 'child'> {
  const { stderr } = child;
  let last = '';
  // A program that cannot be run emits no `exit`, but it does emit `close`.
  child.on('error', (error) => {
    last += error.message;
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = new Promise<void>((resolve) => {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      last = (last + text).slice(-4_000);
      if (last.includes('Server is ready')) resolve();
    });
  });
  return { ready, closed, said: () => last.trim().split('\n').slice(-3).join(' | ') };
}

function configuration(port: number, store: string, pidFile: string): string {
  return [
    `listen: "127.0.0.1:${port}"`,
    'server_name: "federation-agent"',
    `pid_file: ${JSON.stringify(pidFile)}`,
    'authorization { token: $FEDERATION_BROKER_TOKEN }',
    `jetstream { store_dir: ${JSON.stringify(store)}, sync_interval: always }`,
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string')
    throw new EmbeddedBrokerError('no free port on loopback');
  return address.port;
}

/** A broker that survived its agent still uses our store, so it is ended first. */
async function endLeftOver(pidFile: string, dataFolder: string, clock: Clock): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!pid || !isAlive(pid)) return;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!commandLine.includes('nats-server') || !commandLine.includes(dataFolder)) return;
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; isAlive(pid) && waited < stopMs; waited += 20) await clock.sleep(20);
}

/** `setpriv` of util-linux 2.33 and newer ends the child with its parent; elsewhere the pid file is used. */
async function withParentDeath(): Promise<readonly string[]> {
  const prefix = ['setpriv', '--pdeathsig', 'TERM'];
  try {
    await promisify(execFile)('setpriv', ['--pdeathsig', 'TERM', 'true']);
    return prefix;
  } catch {
    return [];
  }
}

/** Whether a process of this host lives; one that we may not signal lives too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
