/**
 * The lock of the data folder: a file with who holds it, touched at every beat. nats-server does not lock its folder (a
 * second one ran on it), so the agent does. A lock that is held is waited for: the old process or pod is most often
 * just ending.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, FederationError, type Logger } from '@federation-agent/base';
import { processStateOf, isHeld, LockHolder, ownHolder } from './lock-holder.ts';

/** Another agent works on this folder. */
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
  /** How long a lock that is held is waited for. */
  readonly waitMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** The lock is somebody else's now, since this process did not beat: it must not touch the folder any more. */
  readonly onLost: () => void;
}

/** A wait that is longer is logged. */
const patienceMs = 3_000;
const lookMs = 250;
const lockIn = (folder: string): string => join(folder, 'agent.lock');
const nameOf = ({ pid, host }: LockHolder): string => `process ${pid} on ${host}`;

/**
 * @returns what releases it
 * @throws DataFolderInUseError when it is held after `waitMs`, or when `signal` ends the wait
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
    if (seen === undefined) continue; // It was released this moment.
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

/** The agent that works on this folder now, or undefined. Touches nothing, and does not wait. */
export async function folderHolder(folder: string, beatMs: number): Promise<string | undefined> {
  const seen = await look(lockIn(folder)).catch(() => undefined); // Then no agent can work there either.
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
    })().catch(() => undefined); // A disk that is away for a moment; the next beat sees.
  }, options.beatMs);
  beat.unref();
  return async () => {
    clearInterval(beat);
    if (await isMine()) await rm(path, { force: true });
  };
}

interface Seen {
  /** Undefined: it cannot be read, as of a version before or after this one. */
  readonly holder: LockHolder | undefined;
  readonly beatAt: number;
  /** Another one after each beat. */
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
    // Not by a hard link, which not every volume has: one that is read half written is held by somebody who starts.
    await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Of two that find the same stale lock, one succeeds; one that moved a newer lock by mistake puts it back. */
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
