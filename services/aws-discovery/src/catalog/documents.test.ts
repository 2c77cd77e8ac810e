import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CatalogEntry } from '@federation-agent/contracts';
import { systemClock } from '@federation-agent/base';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { exportCacheKey } from '../mapping/document.ts';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';
import { entry, start } from '../../test/samples.ts';
import { collectGarbage, needsExport } from './documents.ts';

const hour = 3_600_000;
const day = 24 * hour;
const scanInterval = hour / 4;
const due = (it: CatalogEntry, now: number): boolean => needsExport(it, now, { scanInterval });

describe('a document is exported', () => {
  const ref = { sha256: 'a'.repeat(64), chunks: 1, bytes: 1 };
  const stored = (change: Partial<CatalogEntry> = {}): CatalogEntry =>
    entry({
      document: { state: 'stored', cacheKey: exportCacheKey(entry()), ref, exportedAt: start },
      ...change,
    });
  const failed = (attempts: number, cacheKey = exportCacheKey(entry())): CatalogEntry =>
    entry({ exportFailed: { cacheKey, reason: 'AWS said so', attempts, lastAt: start } });

  test.each<[string, CatalogEntry, number, boolean]>([
    ['at first', entry(), start, true],
    ['not while nobody has seen the stage', entry({ verified: false }), start, false],
    ['not while it is missing', entry({ missing: { since: start, reads: 1 } }), start, false],
    ['not again while nothing changed', stored(), start + 6 * day, false],
    ['after a deployment', stored({ deploymentId: 'd2' }), start, true],
    ['not for what a stage logs', stored({ stageUpdatedAt: 1_800_000_000 }), start, false],
    ['again after a while, whatever the key says', stored(), start + 10 * day, true],
    ['not at once after a failure', failed(1), start + 1_000, false],
    ['at the next scan after a failure', failed(1), start + scanInterval, true],
    ['not at the next scan after the second', failed(2), start + scanInterval, false],
    ['once a day after many', failed(40), start + day, true],
    ['not within the day after many', failed(40), start + 23 * hour, false],
    ['at once when another deployment failed', failed(40, 'of another deployment'), start, true],
  ])('%s', (_title, it, now, expected) => expect(due(it, now)).toBe(expected));

  test('not all on the same day, when all were exported at once', () => {
    const days = Array.from({ length: 60 }, (_, index) => {
      const uniqueId = `123456789012:eu-west-1:api${index}:prod`;
      const since = Array.from({ length: 41 }, (_unused, quarter) => quarter * 6 * hour);
      return since.find((ms) => due(stored({ uniqueId }), start + ms));
    });
    expect(Math.min(...days.map((at) => at ?? -1))).toBeGreaterThanOrEqual(7 * day);
    expect(new Set(days).size).toBeGreaterThan(4);
  });
});

describe('garbage', () => {
  let server: TestBroker;
  let bench: Workbench;
  beforeAll(async () => {
    server = await startTestBroker();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    bench = await startWorkbench(server);
  });
  afterEach(() => bench.stop());

  /** At a time so long after now, by the broker's clock. */
  const collectedAfter = (ms: number): Promise<number> => {
    const { catalog, documents, broker, limits } = bench;
    const clock = { ...systemClock, now: () => Date.now() + ms };
    return collectGarbage({ catalog, documents, broker, clock, limits: { ...limits, documentGrace: hour } });
  };

  test('is what no entry names and is older than the grace; what is named stays', async () => {
    bench.aws.control.seed({ apis: 2, unplanned: 0, plans: 1 });
    await bench.start();
    await bench.scanned();
    const unnamed = await bench.documents.put(Buffer.from('nobody names this'));
    await collectedAfter(hour / 2);
    expect(await bench.documents.has(unnamed)).toBe(true);
    expect(await collectedAfter(2 * hour)).toBeGreaterThan(0);
    expect(await bench.documents.has(unnamed)).toBe(false);
    const entries = [...(await bench.entries()).values()];
    expect(entries).toHaveLength(2);
    for (const { document } of entries) {
      expect(document.state === 'stored' && (await bench.documents.has(document.ref))).toBe(true);
    }
  });
});
