/**
 * The targets of one integration in the health report: our identity in each, or why the target waits and what to do.
 */
import type { ControlPlane } from '@federation-agent/aws-control-plane';
import type { Telemetry } from '@federation-agent/base';
import type { ComponentState, Health } from '@federation-agent/service-kit';

export interface TargetHealthOptions {
  readonly integrationId: string;
  readonly health: Health;
  readonly log: Telemetry['log'];
}

export interface TargetHealth {
  /** Shows what `ControlPlane.targets` answered, and removes targets that are no longer in it. */
  update(targets: Awaited<ReturnType<ControlPlane['targets']>>): void;
  /** Removes all targets from the report. */
  close(): void;
}

export function createTargetHealth({ integrationId, health, log }: TargetHealthOptions): TargetHealth {
  let shown = new Map<string, ComponentState>();
  const nameOf = (label: string): string => `aws:${integrationId}:${label}`;
  const show = (next: Map<string, ComponentState>): void => {
    for (const name of shown.keys()) if (!next.has(name)) health.remove(name);
    for (const [name, state] of next) health.set(name, state);
    shown = next;
  };
  return {
    update({ ready, waiting }) {
      const next = new Map<string, ComponentState>();
      for (const { account, region, identity } of ready) {
        next.set(nameOf(`${account}/${region}`), {
          status: 'up',
          data: { account, region, identity },
        });
      }
      for (const { label, region, account, reason } of waiting) {
        const name = nameOf(label);
        if (shown.get(name)?.status !== 'degraded')
          log.error(
            { integrationId, target: label, account, region, code: 'aws-credentials', reason },
            'the target waits: its account is not known yet, or is not the configured one; until then its subscriptions are not served',
          );
        const data = { target: label, account, region, state: 'waits for its account' };
        next.set(name, { status: 'degraded', detail: reason, data });
      }
      show(next);
    },
    close: () => show(new Map()),
  };
}
