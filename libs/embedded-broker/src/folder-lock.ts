/**
 * The lock of the data folder: a file that names its holder, who touches it regularly. nats-server does not lock its
 * folder (a second one ran on it), so the agent does. The agent waits for a lock that is held, because the old process
 * or pod is usually about to end.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
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
const lockIn = (folder: string): string => join(folder, 'agent.lock');
const nameOf = ({ pid, host }: LockHolder): string => `process ${pid} on ${host}`;

/**
 * @returns a function that releases the lock
 * @throws DataFolderInUseError when it is still held after `waitMs`, or when `signal` ends the wait
 */
export async function acquireFolderLock(options: FolderLockOptions): Promise<() => Promise<void>> {
  const { folder, log, clock, beatMs, waitMs, signal } = options;
  const path = lockIn(folder);
  const mine = await ownHolder(randomBytes(9).toString('base64url'));
  const began = clock.now();
  let watched: { readonly seen: string; readonly since: number } | undefined;
  let logged = false;
  while (!(await createLock(path, mine))) {
    const seen = await look(path);
    if (seen === undefined) continue; // It was released at this moment.
    if (watched?.seen !== seen.version) watched = { seen: seen.version, since: clock.now() };
    const waitedMs = clock.now() - began;
    const evidence = {
      fate: seen.holder ? await processStateOf(seen.holder) : ('unknown' as const),
      ageMs: Date.now() - seen.beatAt,
      silentMs: clock.now() - watched.since,
    };
    if (!isHeld(evidence, beatMs)) {
      await moveAside(path, mine.token, seen.version);
      continue;
    }
    const holder = seen.holder ? nameOf(seen.holder) : 'an agent that starts right now';
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
  return keep(path, mine, options);
}

/** The agent that uses this folder now, or undefined. It changes nothing and does not wait. */
export async function folderHolder(folder: string, beatMs: number): Promise<string | undefined> {
  const seen = await look(lockIn(folder)).catch(() => undefined); // No agent can work there then.
  if (!seen?.holder) return undefined;
  const evidence = { fate: await processStateOf(seen.holder), ageMs: Date.now() - seen.beatAt, silentMs: 0 };
  return isHeld(evidence, beatMs) ? nameOf(seen.holder) : undefined;
}

function keep(path: string, mine: LockHolder, options: FolderLockOptions): () => Promise<void> {
  const isMine = async (): Promise<boolean> => (await look(path))?.holder?.token === mine.token;
  const beat = setInterval(() => {
    void (async () => {
      if (await isMine()) {
        const now = new Date();
        await utimes(path, now, now);
        return;
      }
      clearInterval(beat);
      options.onLost();
    })().catch(() => undefined); // A disk that is away for a moment; the next renewal will see.
  }, options.beatMs);
  beat.unref();
  return async () => {
    clearInterval(beat);
    if (await isMine()) await rm(path, { force: true });
  };
}

interface Seen {
  /** Undefined: it cannot be read, because another version wrote it. */
  readonly holder: LockHolder | undefined;
  readonly beatAt: number;
  /** Changes at each renewal. */
  readonly version: string;
}

async function look(path: string): Promise<Seen | undefined> {
  try {
    const { mtimeMs, ino } = await stat(path);
    const text = await readFile(path, 'utf8');
    return { holder: read(text), beatAt: mtimeMs, version: `${ino} ${mtimeMs} ${text}` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function read(text: string): LockHolder | undefined {
  try {
    return LockHolder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function createLock(path: string, mine: LockHolder): Promise<boolean> {
  try {
    // Not a hard link, because not every volume supports them. A half-written lock belongs to an agent that is
    // starting.
    await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** When two agents find the same stale lock, one succeeds. An agent that moved a newer lock by mistake puts it back. */
async function moveAside(path: string, token: string, version: string): Promise<void> {
  const aside = `${path}.stale-${token}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await look(aside))?.version !== version) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
