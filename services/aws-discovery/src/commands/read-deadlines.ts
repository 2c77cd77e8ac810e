/**
 * How long DISCOVER and START_INGEST wait for each target, so that one that hangs does not hold up the others. Pure.
 */
import type { Limits, ScanRecord } from '@federation-agent/contracts';

export interface ReadDeadlines {
  /** Epoch ms: the account of each target must be known by then. */
  readonly accounts: number;
  /** Epoch ms: a target that is not read by then is left out. @param record what is known of the target */
  of(record: ScanRecord | undefined): number;
}

/**
 * When nothing of an integration was ever read, the command waits until its own limit. Otherwise there is a catalog to
 * answer with, so it waits less; and least for a target whose lists could not be read the last time, as it may hang
 * forever.
 *
 * @param records of every target of the integration
 * @param until epoch ms: the command's own limit
 */
export function readDeadlines(
  records: readonly ScanRecord[],
  now: number,
  until: number,
  { discoverDeadlineWithCatalog, troubledTargetDeadline }: Limits,
): ReadDeadlines {
  if (records.every(({ listsReadAt }) => listsReadAt === undefined))
    return { accounts: until, of: () => until };
  const usual = Math.min(until, now + discoverDeadlineWithCatalog);
  const short = Math.min(until, now + troubledTargetDeadline);
  return { accounts: short, of: (record) => (record?.listsTrouble ? short : usual) };
}
