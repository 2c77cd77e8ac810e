import { beforeEach, expect, test } from '@jest/globals';
import type { Target } from '@federation-agent/aws-control-plane';
import type { ScanRecord } from '@federation-agent/contracts';
import { realLimits } from '@federation-agent/contracts';
import { defineMetrics, systemClock } from '@federation-agent/base';
import { testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import { discoveryMetricSpecs } from '../metrics.ts';
import { account, minute, region, start } from '../../test/samples.ts';
import { parseSchedule } from './schedule.ts';
import { createTargetMetrics } from './target-metrics.ts';

let telemetry: TestTelemetry;
beforeEach(() => {
  telemetry = testTelemetry();
});

// Account and region are all that is looked at.
const target = { account, region } as Target;
const record = (change: Partial<ScanRecord>): ScanRecord => ({
  integrationId: 'i',
  account,
  region,
  dueAt: start,
  usagePlans: {},
  gonePlans: {},
  ...change,
});
const metricsOf = (schedule: string) =>
  createTargetMetrics({
    integrationId: 'i',
    schedule: parseSchedule(schedule, realLimits),
    metrics: defineMetrics(telemetry.registry, discoveryMetricSpecs),
    clock: { ...systemClock, now: () => start },
    limits: realLimits,
  });
const told = async (name: string): Promise<string[]> =>
  (await telemetry.registry.getSingleMetricAsString(`federation_discovery_${name}`))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
const labels = `{integration="i",account="${account}",region="${region}"}`;

test('a target that was read in full is due when its schedule says, whoever read it', async () => {
  const metrics = metricsOf('15m');
  metrics.show([target]);
  metrics.known(target, record({ lastCompleteAt: start - minute }), 7);
  expect(await told('last_complete_scan_timestamp_seconds')).toEqual([
    `federation_discovery_last_complete_scan_timestamp_seconds${labels} ${(start - minute) / 1_000}`,
  ]);
  expect(await told('scan_due_timestamp_seconds')).toEqual([
    `federation_discovery_scan_due_timestamp_seconds${labels} ${(start + 14 * minute) / 1_000}`,
  ]);
  expect(await told('apis')).toEqual([`federation_discovery_apis${labels} 7`]);
});

test('what the last scan read and left alone is told, with what a day of scans costs', async () => {
  const metrics = metricsOf('15m');
  metrics.show([target]);
  metrics.known(target, record({ stages: { read: 3, quiet: 97, perDay: 488 } }), undefined);
  const with_ = (stages: string): string => labels.replace('}', `,stages="${stages}"}`);
  expect(await told('scan_apis')).toEqual([
    `federation_discovery_scan_apis${with_('read')} 3`,
    `federation_discovery_scan_apis${with_('quiet')} 97`,
  ]);
  expect(await told('stage_reads_per_day')).toEqual([
    `federation_discovery_stage_reads_per_day${labels} 488`,
  ]);
});

test('a target that was never read in full is due since it is known; its scans begin at 0', async () => {
  const metrics = metricsOf('15m');
  metrics.show([target]);
  metrics.known(target, record({}), undefined);
  expect(await told('scan_due_timestamp_seconds')).toEqual([
    `federation_discovery_scan_due_timestamp_seconds${labels} ${start / 1_000}`,
  ]);
  expect(await told('last_complete_scan_timestamp_seconds')).toEqual([]);
  expect(await told('scans_total')).toHaveLength(2);
});

test('without a schedule nothing is due', async () => {
  const metrics = metricsOf('off');
  metrics.show([target]);
  metrics.known(target, record({ lastCompleteAt: start }), 7);
  expect(await told('scan_due_timestamp_seconds')).toEqual([]);
  expect(await told('apis')).toHaveLength(1);
});

test('nothing is told any more of a target that has left the configuration', async () => {
  const metrics = metricsOf('15m');
  metrics.show([target]);
  metrics.known(target, record({ lastCompleteAt: start, stages: { read: 1, quiet: 1, perDay: 98 } }), 7);
  metrics.show([]);
  for (const name of [
    'scan_due_timestamp_seconds',
    'last_complete_scan_timestamp_seconds',
    'apis',
    'scan_apis',
    'stage_reads_per_day',
  ])
    expect(await told(name)).toEqual([]);
});
