/** The targets of one integration in the health report: who we are in each, or why it waits and what to do. */
import type { ComponentState, Health, Telemetry } from '@federation-agent/service-kit';
import type { ControlPlane } from './model.ts';

export interface TargetHealthOptions {
  readonly integrationId: string;
  readonly health: Health;
  readonly log: Telemetry['log'];
}

export interface TargetHealth {
  /** Shows what `ControlPlane.targets` answered; targets that are no longer among them go. */
  tell(targets: Awaited<ReturnType<ControlPlane['targets']>>): void;
  /** Takes all of them out of the report. */
  close(): void;
}

/** Name of a target, or of one that waits for its account, in the health report. */
export function targetComponent(integrationId: string, label: string): string {
  return `aws:${integrationId}:${label}`;
}

export function createTargetHealth({ integrationId, health, log }: TargetHealthOptions): TargetHealth {
  let shown = new Map<string, ComponentState>();
  const show = (next: Map<string, ComponentState>): void => {
    for (const name of shown.keys()) if (!next.has(name)) health.remove(name);
    for (const [name, state] of next) health.set(name, state);
    shown = next;
  };
  return {
    tell({ ready, waiting }) {
      const next = new Map<string, ComponentState>();
      for (const { account, region, identity } of ready) {
        next.set(targetComponent(integrationId, `${account}/${region}`), {
          status: 'up',
          data: { account, region, identity },
        });
      }
      for (const { label, region, account, reason } of waiting) {
        const name = targetComponent(integrationId, label);
        if (shown.get(name)?.status !== 'degraded')
          log.error(
            { integrationId, target: label, reason },
            'the target waits: who we are there is not known',
          );
        next.set(name, { status: 'degraded', detail: reason, data: { account, region } });
      }
      show(next);
    },
    close: () => show(new Map()),
  };
}
