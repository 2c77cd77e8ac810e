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
  /** Of this process; names its gates and purges. */
  readonly instance: string;
}

/** Epoch ms on the broker's clock: what hosts compare with each other. */
export function brokerNow({ clock, broker }: Pick<Saga, 'clock' | 'broker'>): number {
  return Math.round(clock.now() + broker.clockOffset());
}

/** A time on the broker's clock as this host's clock shows it. */
export function hostTime({ broker }: Pick<Saga, 'broker'>, at: number): number {
  return at - broker.clockOffset();
}
