/** The records by which the workers of an integration share its scans. */
import { catalogKeys, realLimits, ScanRecord } from '@federation-agent/contracts';
import { changeRecord, openBucket } from '@federation-agent/broker';
import { connectTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { eventually } from '../../support/eventually.ts';

interface Target {
  readonly account: string;
  readonly region: string;
}

/** Scans of all targets of an integration, from outside. */
export interface Scans {
  /** Asks for a scan of all stages of each, as DISCOVER does. @returns when */
  request(): Promise<number>;
  /** Waits until each has had a complete scan since then. */
  over(since: number): Promise<void>;
  close(): Promise<void>;
}

export async function openScans(
  server: TestBroker,
  integration: string,
  targets: readonly Target[],
): Promise<Scans> {
  const broker = await connectTestBroker(server, 'aws-discovery', realLimits);
  const bucket = await openBucket(broker, 'scans', ScanRecord);
  const keys = targets.map(({ account, region }) => catalogKeys.scan(integration, account, region));
  const records = new Map<string, ScanRecord>();
  const watch = await bucket.watch(catalogKeys.ofIntegration(integration), ({ key, value }) => {
    if (value) records.set(key, value);
  });
  const waitingSince = (since: number): string[] =>
    keys.filter((key) => {
      const record = records.get(key);
      return !record || record.claim !== undefined || (record.lastCompleteAt ?? 0) <= since;
    });
  return {
    request: async () => {
      const at = Date.now();
      const requested = (record: ScanRecord | undefined): ScanRecord | undefined =>
        record && { ...record, requestedAt: at, requestedAll: true };
      await Promise.all(keys.map((key) => changeRecord(bucket, key, requested)));
      return at;
    },
    over: async (since) => {
      const isOver = (): true | undefined => waitingSince(since).length === 0 || undefined;
      await eventually('the scans', isOver, { lastSeen: () => waitingSince(since) });
    },
    close: async () => {
      await watch.stop();
      await broker.close();
    },
  };
}
