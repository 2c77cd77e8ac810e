/** Ways to send commands: so many at once, or so many a second. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlClient } from '../../support/control-client.ts';
import { quantile } from './figure.ts';

/** Sends the nth command. @returns how long APIM waited for the reply, ms */
export type Send = (n: number) => Promise<number>;

/** What a load found. */
export interface Loaded {
  /** How long APIM waited for each, ms. */
  readonly times: readonly number[];
  /** From the first command to the last reply, ms. */
  readonly tookMs: number;
}

/** Keeps so many in flight until `count` are done. */
export async function atOnce(inFlight: number, count: number, send: Send): Promise<Loaded> {
  const times: number[] = [];
  const began = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      times.push(await send(n));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { times, tookMs: performance.now() - began };
}

/** Sends so many a second, also while earlier ones have no reply: a slow peer is not spared. */
export async function paced(perSecond: number, count: number, send: Send): Promise<Loaded> {
  const began = performance.now();
  const sent: Promise<number>[] = [];
  for (let n = 0; n < count; n += 1) {
    const due = began + (n * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    sent.push(send(n));
  }
  const times = await Promise.all(sent);
  return { times, tookMs: performance.now() - began };
}

/** The shares of a latency that tables show. */
export const shares = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

export type Share = keyof typeof shares;

export const shareOf = (times: readonly number[], share: Share): number => quantile(times, shares[share]);

/** DISCOVER, which must succeed. */
export function sendDiscover(apim: ControlClient, integration: string): Send {
  return async () => {
    const { commandStatus, elapsedMs, error } = await apim.discover(integration);
    if (commandStatus !== 'SUCCEEDED') throw new Error(`DISCOVER: ${commandStatus ?? error ?? 'no answer'}`);
    return elapsedMs;
  };
}
