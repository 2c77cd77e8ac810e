import { setTimeout as pause } from 'node:timers/promises';

/** What was waited for did not come in time. The message has what was seen last. */
export class NotInTime extends Error {
  override name = 'NotInTime';
}

export interface EventuallyOptions {
  /** Milliseconds; 30 s by default, because the machine may be busy. */
  readonly timeoutMs?: number;
  /** Returns why it cannot come any more. */
  readonly giveUp?: () => string | undefined;
  /** Added to the message. */
  readonly lastSeen?: () => unknown;
}

const POLL_MS = 25;
const WAIT_MS = 30_000;

/** Tries until there is a result; an error of a try ends the wait. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = WAIT_MS, giveUp, lastSeen }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const reason = giveUp?.();
    if (reason !== undefined) throw new NotInTime(`waited for ${what}: ${reason}`);
    if (performance.now() > deadline) {
      const seen = lastSeen ? (JSON.stringify(await lastSeen()) as string | undefined) : undefined;
      throw new NotInTime(`waited ${timeoutMs} ms for ${what}; last: ${(seen ?? '').slice(-3_000)}`);
    }
    await pause(POLL_MS);
  }
}

/** Tries until an assertion holds; at the end it throws the assertion's own error. */
export async function untilHolds(assertion: () => Promise<void>, timeoutMs = WAIT_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(POLL_MS);
  }
}
