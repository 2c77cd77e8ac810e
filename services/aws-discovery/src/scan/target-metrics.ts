/**
 * The targets of one integration as metrics. Every replica reports every target from its record, whoever scanned it.
 */
import type { Target } from '@federation-agent/aws-control-plane';
import type { Limits, ScanRecord } from '@federation-agent/contracts';
import { type Clock, countFromZero, type Metrics } from '@federation-agent/base';
import { discoveryMetricSpecs } from '../metrics.ts';
import type { Schedule } from './schedule.ts';

export interface TargetMetrics {
  /** The targets that exist now; the metrics of all others are removed. */
  show(ready: readonly Target[]): void;
  /**
   * @param listedStages after the last complete scan
   * @param waits its scans wait, because its changes are heard
   */
  known(target: Target, record: ScanRecord, listedStages: number | undefined, waits?: boolean): void;
}

export interface TargetMetricsOptions {
  readonly integrationId: string;
  readonly schedule: Schedule;
  readonly metrics: Metrics<typeof discoveryMetricSpecs>;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'scanBackstop'>;
}

export function createTargetMetrics({
  integrationId,
  schedule,
  metrics,
  clock,
  limits,
}: TargetMetricsOptions): TargetMetrics {
  /** Since when this process knows a target, by its labels. */
  const met = new Map<string, { readonly at: number; readonly labels: ReturnType<typeof labelsOf> }>();
  const labelsOf = ({ account, region }: Target) => ({ integration: integrationId, account, region });

  return {
    show: (ready) => {
      const there = new Set<string>();
      for (const target of ready) {
        const labels = labelsOf(target);
        const key = JSON.stringify(labels);
        there.add(key);
        if (met.has(key)) continue;
        met.set(key, { at: clock.now(), labels });
        countFromZero(metrics.scans, discoveryMetricSpecs.scans, labels);
      }
      for (const [key, { labels }] of met) {
        if (there.has(key)) continue;
        met.delete(key);
        const { lastComplete, scanDue, apis, stageReads, scanApis } = metrics;
        for (const gauge of [lastComplete, scanDue, apis, stageReads]) gauge.remove(labels);
        for (const stages of ['read', 'quiet']) scanApis.remove({ ...labels, stages });
      }
    },

    known: (target, { lastCompleteAt, stages }, listedStages, waits = false) => {
      const labels = labelsOf(target);
      if (stages) {
        for (const each of ['read', 'quiet'] as const)
          metrics.scanApis.set({ ...labels, stages: each }, stages[each]);
        metrics.stageReads.set(labels, stages.perDay);
      }
      if (lastCompleteAt !== undefined) metrics.lastComplete.set(labels, lastCompleteAt / 1_000);
      if (listedStages !== undefined) metrics.apis.set(labels, listedStages);
      // A target that was never read in full counts as due since this process knows it.
      const metAt = met.get(JSON.stringify(labels))?.at ?? clock.now();
      const next = waits
        ? (lastCompleteAt ?? metAt) + limits.scanBackstop
        : schedule.next(lastCompleteAt ?? metAt);
      if (next !== undefined)
        metrics.scanDue.set(labels, (lastCompleteAt === undefined ? metAt : next) / 1_000);
    },
  };
}
