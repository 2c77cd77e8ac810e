/**
 * Checks the data folder of the embedded broker: whether it can be written, whether it persists, and whether no other
 * agent uses it.
 */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clock, FederationError, type Logger } from '@federation-agent/base';
import { folderHolder, acquireFolderLock } from './folder-lock.ts';
import { ephemeralMountReason } from './mount.ts';

/** The default of `federation.dataDir`. The user did not choose it, so a temporary folder may replace it. */
export const defaultDataDir = './data';

/** The folder that the user configured cannot be written. */
class DataFolderUnusableError extends FederationError {
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
  /** Why the folder is lost together with the container; absent: it persists. */
  readonly ephemeral: string | undefined;
  release(): Promise<void>;
}

export interface DataFolderOptions {
  readonly path: string;
  /** The user configured it; otherwise a temporary folder may replace it. */
  readonly explicit: boolean;
  readonly log: Logger;
  readonly clock: Clock;
  /** How often the lock file is touched. */
  readonly beatMs?: number;
  /** How long to wait for another agent's lock. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
  /** See `FolderLockOptions`. */
  readonly onLost?: () => void;
}

const usualBeatMs = 5_000;
const usualWaitMs = 30_000;

export async function openDataFolder({
  path,
  explicit,
  log,
  clock,
  beatMs = usualBeatMs,
  waitMs = usualWaitMs,
  signal,
  onLost = () => undefined,
}: DataFolderOptions): Promise<DataFolder> {
  const wanted = resolve(path);
  const usable = await tryFolder(wanted);
  if (!usable.ok && explicit) throw new DataFolderUnusableError(wanted, usable.cause);
  const folder = usable.ok ? wanted : join(tmpdir(), `federation-agent-${process.pid}`);
  if (!usable.ok) await mkdir(folder, { recursive: true, mode: 0o700 });
  const ephemeral = usable.ok
    ? await ephemeralFolderReason(folder)
    : `${wanted} cannot be written; ${folder} is used`;
  const lock = { folder, log, clock, beatMs, waitMs, onLost, ...(signal && { signal }) };
  const release = await acquireFolderLock(lock);
  if (ephemeral !== undefined) {
    log.warn(
      { dataDir: folder, reason: ephemeral },
      'state is ephemeral: a new container forgets its subscriptions, and a retried SUBSCRIBE makes a second key; mount a volume at the data folder',
    );
  }
  return { path: folder, ephemeral, release };
}

/** The agent that uses this folder now, or undefined. It changes nothing. */
export function dataFolderHolder(path: string): Promise<string | undefined> {
  return folderHolder(resolve(path), usualBeatMs);
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

/** Why the folder is lost together with its container; undefined: it persists. */
export async function ephemeralFolderReason(path: string): Promise<string | undefined> {
  // Container engines leave a file or the variable `container`. Our image sets the variable too, because a mounted /run
  // hides the file of Podman.
  const marks = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'];
  const found = await Promise.all(marks.map((mark) => stat(mark).catch(() => undefined)));
  const inContainer = found.some(Boolean) || process.env['container'] !== undefined;
  if (!inContainer) return undefined;
  return ephemeralMountReason(path, await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}
