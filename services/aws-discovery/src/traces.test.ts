import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually, type TestTelemetry } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../test/workbench.ts';

let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server);
  bench.aws.control.seed({ apis: 3, unplanned: 0, plans: 1 });
});
afterEach(() => bench.stop());

/** The span of that name, once it has ended. */
async function spanOf(telemetry: TestTelemetry, name: string) {
  await eventually(() => telemetry.spans().some((span) => span.name === name));
  const span = telemetry.spans().find((one) => one.name === name);
  if (!span) throw new Error(`no span ${name}`);
  return span;
}

test('a scan is one trace, with every call of AWS in it', async () => {
  const { telemetry } = await bench.start();
  await bench.scanned();
  const scan = await spanOf(telemetry, 'scan');
  expect(scan.parentSpanContext).toBeUndefined();
  const { traceId } = scan.spanContext();
  const calls = telemetry
    .spans()
    .filter((span) => span.name.startsWith('API Gateway/') && span.spanContext().traceId === traceId)
    .map(({ name }) => name.replace('API Gateway/', ''));
  expect(calls.sort()).toEqual([
    ...Array.from({ length: 3 }, () => 'GetExport'),
    'GetRestApis',
    ...Array.from({ length: 3 }, () => 'GetStages'),
    'GetUsagePlans',
  ]);
});

test('a job has a trace of its own that links to the one of its START_INGEST', async () => {
  const { telemetry } = await bench.start();
  await bench.scanned();
  const ingestJobId = randomUUID();
  await bench.link.startIngest({ ingestJobId });
  await bench.link.untilDone(ingestJobId);
  const job = await spanOf(telemetry, 'ingest job');
  const reply = await spanOf(telemetry, 'request link.reply');
  expect(job.links.map(({ context }) => context.traceId)).toEqual([reply.spanContext().traceId]);
  expect(job.spanContext().traceId).not.toBe(reply.spanContext().traceId);
});

/** The traces of the lines with these words, one for each line. */
function tracesOf(telemetry: TestTelemetry, ...messages: readonly string[]): unknown[] {
  return messages.map((msg) => telemetry.lines().find((line) => line['msg'] === msg)?.['trace_id']);
}

test('the lines of a scan and of a job name their traces', async () => {
  const { telemetry } = await bench.start();
  await bench.scanned();
  const scan = await spanOf(telemetry, 'scan');
  await eventually(() => telemetry.lines().some(({ msg }) => msg === 'scan completed'));
  const { traceId } = scan.spanContext();
  expect(tracesOf(telemetry, 'scan begins', 'scan completed')).toEqual([traceId, traceId]);

  const ingestJobId = randomUUID();
  await bench.link.startIngest({ ingestJobId });
  await bench.link.untilDone(ingestJobId);
  const job = (await spanOf(telemetry, 'ingest job')).spanContext();
  await eventually(() => telemetry.lines().some(({ msg }) => msg === 'ingest job done'));
  expect(tracesOf(telemetry, 'ingest job starts', 'ingest job done')).toEqual([job.traceId, job.traceId]);
});
