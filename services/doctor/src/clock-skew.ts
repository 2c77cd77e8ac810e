import type { CheckResult } from './result.ts';

/**
 * How far the clock of a peer is from ours.
 *
 * @param offset the peer's clock minus ours, ms
 * @param noteFrom from this difference on it is a note
 * @param failFrom from this difference on things fail
 */
export function skewResult(
  offset: number | undefined,
  peer: string,
  noteFrom: number,
  failFrom: number,
): Omit<CheckResult, 'subject'> {
  if (offset === undefined)
    return { check: 'clock', status: 'skipped', detail: `${peer} has not sent its time yet` };
  const seconds = Math.abs(offset) / 1_000;
  const detail = `this host is ${seconds.toFixed(1)} s ${offset > 0 ? 'behind' : 'ahead of'} ${peer}`;
  const fix = 'set the clock of this host: run an NTP client such as chrony';
  if (Math.abs(offset) >= failFrom) return { check: 'clock', status: 'failed', detail, fix };
  return Math.abs(offset) >= noteFrom
    ? { check: 'clock', status: 'note', detail, fix }
    : { check: 'clock', status: 'ok', detail };
}
