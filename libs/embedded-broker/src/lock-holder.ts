/** Who holds the data folder, and whether that is still so: a lock is held by a process that lives and beats. */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

/** What is written into the lock. */
export const LockHolder = z.object({
  host: z.string(),
  pid: z.int(),
  /** Host, boot and process namespace in one: only there does `pid` mean anything. Absent where it cannot be told. */
  system: z.string().exactOptional(),
  /** When the process began, in ticks since the boot: another process that got the same id has another. */
  startedAt: z.string().exactOptional(),
  /** Of this one hold: tells it from a later one by the same process. */
  token: z.string().default(''),
});
export type LockHolder = z.infer<typeof LockHolder>;

/** What can be found out about a holder's process from here. */
export type ProcessState = 'lives' | 'gone' | 'unknown';

export interface LockEvidence {
  readonly fate: ProcessState;
  /** Since the last beat, by the clock of whoever beat: another host's may be wrong. */
  readonly ageMs: number;
  /** How long it has been watched without a beat, by our own clock. */
  readonly silentMs: number;
}

/** So many beats must be missed. */
const missedBeats = 3;
/** Clocks of two hosts are not further apart: a beat that is older than this is old by any clock. */
const skewMs = 60_000;

/**
 * Whether the lock is held. A process that lives and does not beat hangs or is another with the same id: it does not
 * hold.
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

/** What became of a holder's process: known only on the same system. */
export async function processStateOf(holder: LockHolder): Promise<ProcessState> {
  const { system, pid, startedAt } = holder;
  if (system === undefined || system !== (await systemHere())) return 'unknown';
  const now = await startOf(pid);
  if (now === 'gone') return 'gone';
  return startedAt === undefined || now.at === startedAt ? 'lives' : 'gone';
}

/** Undefined where there is no /proc: then nothing is known of other processes. */
async function systemHere(): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${hostname()} ${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** A zombie is gone: it only waits for its parent. */
async function startOf(pid: number): Promise<{ readonly at: string } | 'gone'> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name before it is in brackets and may have any character: state is the first field after them, start the 20th.
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
  const [state] = fields;
  const at = fields[19];
  return at === undefined || state === 'Z' || state === 'X' ? 'gone' : { at };
}
