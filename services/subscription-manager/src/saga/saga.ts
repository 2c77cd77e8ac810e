/** What every part of the saga works with. */
import type { Gate, Limits, SubscriptionRecord } from '@federation-agent/contracts';
import type { Clock, Randomness, Telemetry } from '@federation-agent/base';
import type { Broker, Bucket } from '@federation-agent/broker';
import type { SubscriptionMetrics } from '../metrics.ts';
import type { Plans } from '../plans.ts';
import type { Targets } from '../targets.ts';
import type { Sealer } from './seal.ts';

export interface Saga {
  readonly records: Bucket<SubscriptionRecord>;
  readonly gates: Bucket<Gate>;
  readonly broker: Broker;
  readonly plans: Plans;
  readonly targets: Targets;
  readonly sealer: Sealer;
  readonly telemetry: Telemetry;
  readonly metrics: SubscriptionMetrics;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Randomness;
  /** This process; used in the names of its gates and purges. */
  readonly instance: string;
}

/** The broker's clock, epoch ms. All hosts compare times on this clock. */
export function brokerNow({ clock, broker }: Pick<Saga, 'clock' | 'broker'>): number {
  return Math.round(clock.now() + broker.clockOffset());
}

/** Converts a time on the broker's clock to this host's clock. */
export function toHostTime({ broker }: Pick<Saga, 'broker'>, at: number): number {
  return at - broker.clockOffset();
}
