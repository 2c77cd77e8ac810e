/** The AWS side of each integration: which account and region a command or a record means. */
import type { ControlPlane, Target } from '@federation-agent/aws-control-plane';
import { FederationError } from '@federation-agent/service-kit';

/** The account and region are not among those configured for the integration. */
export class UnknownTargetError extends FederationError {
  constructor(account: string, region: string, known: readonly string[]) {
    super(
      `account ${account} in region ${region} is no configured target of this agent (configured: ${known.join(', ') || 'none'})`,
      { code: 'unknown-target', disposition: 'final' },
    );
  }
}

/** It may be configured, but AWS has not told yet which account these credentials belong to. */
export class TargetWaitsError extends FederationError {
  constructor(account: string, region: string, waiting: readonly string[]) {
    super(`account ${account} in region ${region} is not known yet: ${waiting.join('; ')}`, {
      code: 'target-waits',
      disposition: 'retryable',
    });
  }
}

export interface Targets {
  /** @throws UnknownTargetError or TargetWaitsError */
  find(integrationId: string, account: string, region: string): Promise<Target>;
  close(): void;
}

/** @param planes by integration id */
export function createTargets(planes: ReadonlyMap<string, ControlPlane>): Targets {
  return {
    find: async (integrationId, account, region) => {
      const plane = planes.get(integrationId);
      const target = await plane?.target(account, region);
      if (target) return target;
      const { ready = [], waiting = [] } = (await plane?.targets()) ?? {};
      const now = ready.find((known) => known.account === account && known.region === region);
      if (now) return now;
      if (waiting.length > 0) {
        const reasons = waiting.map(({ label, reason }) => `${label}: ${reason}`);
        throw new TargetWaitsError(account, region, reasons);
      }
      throw new UnknownTargetError(
        account,
        region,
        ready.map((known) => `${known.account}/${known.region}`),
      );
    },
    close: () => {
      for (const plane of planes.values()) plane.close();
    },
  };
}
