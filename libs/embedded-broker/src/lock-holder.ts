/**
 * Who holds the data folder, and whether that is still true: the holder must be a live process that renews the lock.
 */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

/** The content of the lock. */
export const LockHolder = z.object({
  host: z.string(),
  pid: z.int(),
  /** Identifies host, boot and process namespace together: `pid` has a meaning only there. Absent when unknown. */
  system: z.string().exactOptional(),
  /** When the process started, in ticks since the boot. Another process with the same id has another value. */
  startedAt: z.string().exactOptional(),
  /** Identifies this hold, to tell it from a later one of the same process. */
  token: z.string().default(''),
});
export type LockHolder = z.infer<typeof LockHolder>;

/** What can be found out from here about a holder's process. */
export type ProcessState = 'lives' | 'gone' | 'unknown';

export interface LockEvidence {
  readonly fate: ProcessState;
  /** Time since the last renewal, by the clock of the host that renewed it, which may be wrong. */
  readonly ageMs: number;
  /** How long it has been watched without a renewal, by our own clock. */
  readonly silentMs: number;
}

/** How many renewals must be missed. */
const missedBeats = 3;
/** The clocks of two hosts differ by less than this: an older renewal is old by any clock. */
const skewMs = 60_000;

/**
 * Whether the lock is held. A live process that does not renew it hangs, or is another process with the same id: then
 * the lock is not held.
 */
export function isHeld({ fate, ageMs, silentMs }: LockEvidence, beatMs: number): boolean {
  if (fate === 'gone') return false;
  const staleMs = missedBeats * beatMs;
  return silentMs < staleMs && ageMs < staleMs + skewMs;
}

/** This process as a holder. */
export async function ownHolder(token: string): Promise<LockHolder> {
  const [system, startedAt] = await Promise.all([systemHere(), startOf(process.pid)]);
  return {
    host: hostname(),
    pid: process.pid,
    token,
    ...(system !== undefined && { system }),
    ...(typeof startedAt === 'object' && { startedAt: startedAt.at }),
  };
}

/** The state of a holder's process; known only on the same system. */
export async function processStateOf(holder: LockHolder): Promise<ProcessState> {
  const { system, pid, startedAt } = holder;
  if (system === undefined || system !== (await systemHere())) return 'unknown';
  const now = await startOf(pid);
  if (now === 'gone') return 'gone';
  return startedAt === undefined || now.at === startedAt ? 'lives' : 'gone';
}

/** Undefined where there is no /proc; then nothing is known of other processes. */
async function systemHere(): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${hostname()} ${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** A zombie counts as gone: it only waits for its parent. */
async function startOf(pid: number): Promise<{ readonly at: string } | 'gone'> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name before it is in brackets and may have any character. Behind it, the state is the first field and the start
  // the 20th.
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
  const [state] = fields;
  const at = fields[19];
  return at === undefined || state === 'Z' || state === 'X' ? 'gone' : { at };
}
