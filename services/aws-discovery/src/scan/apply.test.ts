import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { catalogKeys } from '@federation-agent/contracts';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';

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

test('a newer read whose entries are not written yet: half a catalog does not pass for a whole one', async () => {
  const { apis } = bench.aws.control.seed({ apis: 12, unplanned: 0, plans: 2 });
  // Another replica noted its read and died before the first entry.
  const now = Date.now();
  const account = '123456789012';
  const region = 'eu-west-1';
  await bench.scans.put(catalogKeys.scan(bench.integrationId, account, region), {
    integrationId: bench.integrationId,
    account,
    region,
    dueAt: Number.MAX_SAFE_INTEGER,
    claim: { instance: 'another', until: now + 60_000 },
    usagePlans: {},
    usagePlansReadAt: now + 5_000,
    gonePlans: {},
  });
  await bench.start();
  const answer = await bench.link.discover();
  if (answer.status !== 'SUCCEEDED') throw new Error(answer.errorDetails);
  expect(answer.payload.apis.map(({ id }) => id)).toEqual(
    apis.map(({ id }) => `${account}:${region}:${id}:prod`).sort(),
  );
  expect(answer.payload.isPartialDiscovery).toBe(false);
});
