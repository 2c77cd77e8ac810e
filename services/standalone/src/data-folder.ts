/**
 * The data folder of the embedded broker. nats-server does not lock its folder (a second one ran on it), so the agent
 * takes its own lock first. The lock is a file with who holds it and a heartbeat: a container restarted after a kill
 * finds its own host and process id in it and takes it over; another container on the same volume is refused while it
 * beats.
 */
import { mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FederationError, type Logger } from '@federation-agent/service-kit';

/** Of `federation.dataDir`: nobody named it, so a temporary folder may stand in for it. */
export const defaultDataDir = './data';

/** Another agent works on this folder. */
export class DataFolderInUseError extends FederationError {
  constructor(path: string, holder: string) {
    super(
      `the data folder ${path} is in use by ${holder}: give this agent its own folder (federation.dataDir), or stop the other one`,
      { code: 'data-folder-in-use', disposition: 'final' },
    );
  }
}

/** The folder that the user named cannot be written. */
export class DataFolderUnusableError extends FederationError {
  constructor(path: string, cause: unknown) {
    super(
      `the data folder ${path} cannot be written: mount a writable volume there, or set federation.dataDir`,
      {
        code: 'data-folder-unusable',
        disposition: 'final',
        cause,
      },
    );
  }
}

export interface DataFolder {
  readonly path: string;
  /** Set when what is here goes with the container: why. */
  readonly ephemeral: string | undefined;
  release(): Promise<void>;
}

export interface DataFolderOptions {
  readonly path: string;
  /** The user named it; else it may be replaced by a temporary one. */
  readonly explicit: boolean;
  readonly log: Logger;
  /** How often the lock is touched; it is stale after three times that. */
  readonly beatMs?: number;
}

interface Lock {
  readonly host: string;
  readonly pid: number;
}

export async function openDataFolder({
  path,
  explicit,
  log,
  beatMs = 5_000,
}: DataFolderOptions): Promise<DataFolder> {
  const wanted = resolve(path);
  const usable = await tryFolder(wanted);
  if (!usable.ok && explicit) throw new DataFolderUnusableError(wanted, usable.cause);
  const folder = usable.ok ? wanted : join(tmpdir(), `federation-agent-${process.pid}`);
  if (!usable.ok) await mkdir(folder, { recursive: true, mode: 0o700 });
  const ephemeral = usable.ok
    ? await goesWithTheContainer(folder)
    : `${wanted} cannot be written; ${folder} is used`;
  const release = await takeLock(folder, beatMs);
  if (ephemeral !== undefined) {
    log.warn(
      { dataDir: folder, reason: ephemeral },
      'state is ephemeral: a new container forgets its subscriptions, and a retried SUBSCRIBE makes a second key; mount a volume at the data folder',
    );
  }
  return { path: folder, ephemeral, release };
}

/** The agent that works on this folder now, or undefined. Touches nothing. */
export async function dataFolderHolder(path: string, beatMs = 5_000): Promise<string | undefined> {
  const lock = join(resolve(path), 'agent.lock');
  const holder = await readLock(lock);
  const beat = await stat(lock).catch(() => undefined);
  if (!holder || !beat) return undefined;
  const me: Lock = { host: hostname(), pid: process.pid };
  return isHeld(holder, me, Date.now() - beat.mtimeMs, beatMs)
    ? `process ${holder.pid} on ${holder.host}`
    : undefined;
}

async function tryFolder(path: string): Promise<{ ok: true } | { ok: false; cause: unknown }> {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(probe, '');
    await rm(probe);
    return { ok: true };
  } catch (cause) {
    return { ok: false, cause };
  }
}

/** In a container, a folder on the root file system is not a volume. Undefined: it stays. The folder must be there. */
export async function goesWithTheContainer(path: string): Promise<string | undefined> {
  const marks = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'];
  const inContainer = (await Promise.all(marks.map((mark) => stat(mark).catch(() => undefined)))).some(
    Boolean,
  );
  if (!inContainer) return undefined;
  const [root, folder] = await Promise.all([stat('/'), stat(path)]);
  return root.dev === folder.dev ? `${path} is not on a volume` : undefined;
}

async function takeLock(folder: string, beatMs: number): Promise<() => Promise<void>> {
  const path = join(folder, 'agent.lock');
  const mine: Lock = { host: hostname(), pid: process.pid };
  if (!(await createLock(path, mine))) {
    const other = await readLock(path);
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (other && isHeld(other, mine, age, beatMs)) {
      throw new DataFolderInUseError(folder, `process ${other.pid} on ${other.host}`);
    }
    // Moved aside by rename: of two that find the same stale lock, one succeeds.
    const stale = `${path}.stale-${process.pid}`;
    await rename(path, stale).catch(() => undefined);
    await rm(stale, { force: true });
    if (!(await createLock(path, mine)))
      throw new DataFolderInUseError(folder, 'an agent that starts right now');
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, beatMs);
  beat.unref();
  return async () => {
    clearInterval(beat);
    await rm(path, { force: true });
  };
}

function isHeld(other: Lock, mine: Lock, ageMs: number, beatMs: number): boolean {
  if (other.host !== mine.host) return ageMs < 3 * beatMs;
  return other.pid !== mine.pid && isAlive(other.pid);
}

async function createLock(path: string, lock: Lock): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(JSON.stringify(lock));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readLock(path: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Lock;
  } catch {
    return undefined;
  }
}

/** Whether a process of this host lives; one that is not ours to signal does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
