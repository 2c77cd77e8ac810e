/** How long DISCOVER and START_INGEST wait for each target: one that hangs must not hold up the others. Pure. */
import type { Limits, ScanRecord } from '@federation-agent/contracts';

export interface ReadDeadlines {
  /** Epoch ms; by then it must be known whose account each target is. */
  readonly accounts: number;
  /** Epoch ms; a target that is not read by then is left out. @param record what is known of it */
  of(record: ScanRecord | undefined): number;
}

/**
 * All the time there is for an integration of which nothing was ever read. Else there is something to answer with, and a
 * target whose lists could not be read the last time, and may hang for ever, gets least.
 *
 * @param records of every target of the integration
 * @param until epoch ms: the command's own limit
 */
export function readDeadlines(
  records: readonly ScanRecord[],
  now: number,
  until: number,
  { discoverPatience, troubledPatience }: Limits,
): ReadDeadlines {
  if (records.every(({ listsReadAt }) => listsReadAt === undefined))
    return { accounts: until, of: () => until };
  const usual = Math.min(until, now + discoverPatience);
  const short = Math.min(until, now + troubledPatience);
  return { accounts: short, of: (record) => (record?.listsTrouble ? short : usual) };
}
