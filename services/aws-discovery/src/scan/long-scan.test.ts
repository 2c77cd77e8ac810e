import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '@federation-agent/base';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';

// It needs a separate broker: what this clock writes is in the future of all other clocks.
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

test('a long scan says from time to time where it is', async () => {
  bench.aws.control.seed({ apis: 30, unplanned: 0, plans: 1 });
  bench.aws.control.addFault({ match: { operation: 'GetStages' }, fault: { kind: 'delay', ms: 50 } });
  bench.aws.control.addFault({ match: { operation: 'GetExport' }, fault: { kind: 'delay', ms: 50 } });
  // A thousand times as fast: 50 ms are more than the 30 s between two lines.
  const started = Date.now();
  const clock = { ...systemClock, now: () => started + (Date.now() - started) * 1_000 };
  const { telemetry } = await bench.start({ clock, limits: { claim: 86_400_000 } });
  await bench.scanned();
  const said = telemetry.lines().map(({ msg }) => String(msg));
  expect(said).toContainEqual(expect.stringMatching(/^scan: the stages of \d+ of 30 APIs are read$/u));
  expect(said).toContainEqual(expect.stringMatching(/^scan: \d+ of 30 documents are exported$/u));
});
