/**
 * When to dial again. Pure. The pause starts at 1 s, grows by x1.5 up to 300 s, and never ends; half of it is jitter.
 */
import type { Limits } from '@federation-agent/contracts';

const factor = 1.5;

/**
 * Milliseconds until the next dial after so many failures in a row (from 1).
 *
 * @param fraction 0 <= x < 1
 */
export function backOff(failures: number, limits: Limits, fraction: number): number {
  const whole = Math.min(limits.backOffCap, limits.backOffFirst * factor ** Math.max(0, failures - 1));
  return Math.round(whole * (0.5 + fraction / 2));
}

/** A wrong token or a refused HELLO needs a person, so there is no hurry: a minute, plus or minus a quarter. */
export function refusedPause(limits: Limits, fraction: number): number {
  return Math.round(limits.refusedRetry * (0.75 + fraction / 2));
}

/** The controller asked us to come back: within a second, but not all connectors at once. */
export function goodByePause(limits: Limits, fraction: number): number {
  return Math.round(limits.goodByeReconnect * fraction);
}

/** Round robin over the endpoints. After a success it starts again at the first one, which is 0. */
export function nextEndpoint(endpoint: number, endpoints: number): number {
  return (endpoint + 1) % Math.max(1, endpoints);
}
