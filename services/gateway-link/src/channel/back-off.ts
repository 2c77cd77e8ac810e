/** When to dial again, pure. Back-off 1 s, x1.5, cap 300 s, endless; half of it is jitter. */
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

/** A wrong token or a refused HELLO wants a person, not a hurry: a minute, a quarter more or less. */
export function refusedPause(limits: Limits, fraction: number): number {
  return Math.round(limits.refusedRetry * (0.75 + fraction / 2));
}

/** The controller asked us to come back: within a second, and not all connectors at once. */
export function goodByePause(limits: Limits, fraction: number): number {
  return Math.round(limits.goodByeReconnect * fraction);
}

/** Round robin over the endpoints. A success goes back to the first, which is 0. */
export function nextEndpoint(endpoint: number, endpoints: number): number {
  return (endpoint + 1) % Math.max(1, endpoints);
}
