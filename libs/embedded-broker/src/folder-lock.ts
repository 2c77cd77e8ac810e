/**
 * The lock of the data folder: a file that names its holder, who touches it regularly. nats-server does not lock its
 * folder (a second one ran on it), so the agent does. The agent waits for a lock that is held, because the old process
 * or pod is usually about to end.
 *
 * Each hold has a number and its own file, `agent.lock.<number>`; the highest number counts. Whoever takes over a stale
 * or released lock creates the next number, and only one process can do that. The highest file is never removed, not
 * even at its release: otherwise a process that looked earlier could create an old number again.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, FederationError, type Logger } from '@federation-agent/base';
import { processStateOf, isHeld, LockHolder, ownHolder } from './lock-holder.ts';

/** Another agent uses this folder. */
export class DataFolderInUseError extends FederationError {
  constructor(path: string, holder: string) {
    super(
      `the data folder ${path} is in use by ${holder}: give this agent its own folder (federation.dataDir), or stop the other one`,
      { code: 'data-folder-in-use', disposition: 'final' },
    );
  }
}

export interface FolderLockOptions {
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** How often the lock is touched. */
  readonly beatMs: number;
  /** How long to wait for a lock that is held. */
  readonly waitMs: number;
  /** Aborting it ends the wait. */
  readonly signal?: AbortSignal;
  /**
   * Another agent has the lock, because this process did not renew it: this process must not touch the folder any more.
   */
  readonly onLost: () => void;
}

/** A longer wait is logged. */
const patienceMs = 3_000;
const lookMs = 250;
/** The time on the file of a released lock; no file is older. */
const releasedAt = new Date(0);
const nameOf = ({ pid, host }: LockHolder): string => `process ${pid} on ${host}`;

/**
 * @returns a function that releases the lock
 * @throws DataFolderInUseError when it is still held after `waitMs`, or when `signal` ends the wait
 */
export async function acquireFolderLock(options: FolderLockOptions): Promise<() => Promise<void>> {
  const { folder, log, clock, beatMs, waitMs, signal } = options;
  const mine = await ownHolder(randomBytes(9).toString('base64url'));
  const began = clock.now();
  let watched: { readonly version: string; readonly since: number } | undefined;
  let logged = false;
  for (;;) {
    const seen = await look(folder);
    if (watched?.version !== seen.version) watched = { version: seen.version, since: clock.now() };
    if (!(await isHeldNow(seen, clock.now() - watched.since, beatMs))) {
      const number = seen.number + 1;
      if (await createLock(folder, number, mine)) return keep(number, mine, options);
      continue; // Another process was quicker.
    }
    const holder = seen.holder ? nameOf(seen.holder) : 'an agent that starts right now';
    const waitedMs = clock.now() - began;
    if (waitedMs >= waitMs || signal?.aborted) throw new DataFolderInUseError(folder, holder);
    if (waitedMs >= patienceMs && !logged) {
      logged = true;
      log.info(
        { dataDir: folder, holder, seconds: Math.round((waitMs - waitedMs) / 1_000) },
        'the data folder is in use: its holder is most likely just ending, so it is waited for',
      );
    }
    await clock.sleep(Math.min(lookMs, waitMs), signal);
  }
}

/** The agent that uses this folder now, or undefined. It changes nothing and does not wait. */
export async function folderHolder(folder: string, beatMs: number): Promise<string | undefined> {
  const seen = await look(folder).catch(() => undefined); // No agent can work there then.
  return seen?.holder && (await isHeldNow(seen, 0, beatMs)) ? nameOf(seen.holder) : undefined;
}

interface SeenLock {
  /** 0 when nobody has ever held the folder. */
  readonly number: number;
  /** Undefined: it cannot be read, because another version of the agent wrote it, or it is half written. */
  readonly holder: LockHolder | undefined;
  readonly beatAt: number;
  /** Changes at each renewal. */
  readonly version: string;
}

async function isHeldNow(seen: SeenLock, silentMs: number, beatMs: number): Promise<boolean> {
  if (seen.number === 0) return false;
  const fate = seen.holder ? await processStateOf(seen.holder) : 'unknown';
  return isHeld({ fate, ageMs: Date.now() - seen.beatAt, silentMs }, beatMs);
}

function keep(number: number, mine: LockHolder, options: FolderLockOptions): () => Promise<void> {
  const { folder, beatMs, onLost } = options;
  const path = fileOf(folder, number);
  const isMine = async (): Promise<boolean> => {
    const seen = await look(folder);
    return seen.number === number && seen.holder?.token === mine.token;
  };
  const touch = async (): Promise<void> => {
    if (await isMine()) {
      const now = new Date();
      await utimes(path, now, now);
      return;
    }
    clearInterval(timer);
    onLost();
  };
  let beat = Promise.resolve();
  const timer = setInterval(() => {
    beat = touch().catch(() => undefined); // A disk that is away for a moment; the next renewal will see.
  }, beatMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await beat;
    if (await isMine()) await utimes(path, releasedAt, releasedAt);
  };
}

async function look(folder: string): Promise<SeenLock> {
  for (;;) {
    const number = await highestNumber(folder);
    if (number === 0) return { number, holder: undefined, beatAt: 0, version: '' };
    const path = fileOf(folder, number);
    try {
      const { mtimeMs } = await stat(path);
      const text = await readFile(path, 'utf8');
      const version = `${number} ${mtimeMs} ${text}`;
      return { number, holder: read(text), beatAt: mtimeMs, version };
    } catch (error) {
      // The next holder has removed it, so there is a higher one.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function read(text: string): LockHolder | undefined {
  try {
    return LockHolder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** @returns whether this process has the lock: it created the file, and there is no higher one */
async function createLock(folder: string, number: number, mine: LockHolder): Promise<boolean> {
  const path = fileOf(folder, number);
  try {
    // Not a hard link, because not every volume supports them. A half-written lock belongs to an agent that is
    // starting.
    await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  const numbers = await numbersIn(folder);
  if (numbers.some((one) => one > number)) {
    await rm(path, { force: true }); // Another process had removed it as an old one before it was created again here.
    return false;
  }
  for (const one of numbers) if (one < number) await rm(fileOf(folder, one), { force: true });
  return true;
}

const fileName = /^agent\.lock\.(\d+)$/u;
const fileOf = (folder: string, number: number): string => join(folder, `agent.lock.${number}`);

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => fileName.exec(name)?.[1] ?? []).map(Number);
}

async function highestNumber(folder: string): Promise<number> {
  return Math.max(0, ...(await numbersIn(folder)));
}
