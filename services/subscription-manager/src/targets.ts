/** The AWS side of each integration: finds the target of a command or a record. */
import type { ControlPlane, Target } from '@federation-agent/aws-control-plane';
import { FederationError } from '@federation-agent/base';

/** The account and region are not among those configured for the integration. */
export class UnknownTargetError extends FederationError {
  constructor(account: string, region: string, known: readonly string[]) {
    super(
      `account ${account} in region ${region} is not a configured target of this agent (configured: ${known.join(', ') || 'none'}); add it under integration.providers`,
      { code: 'unknown-target', disposition: 'final' },
    );
  }
}

export interface Targets {
  /** @throws UnknownTargetError; AwsCredentials while AWS has not yet told which account the credentials belong to */
  find(integrationId: string, account: string, region: string): Promise<Target>;
  /** By integration id. */
  readonly planes: ReadonlyMap<string, ControlPlane>;
  close(): void;
}

/** @param planes by integration id */
export function createTargets(planes: ReadonlyMap<string, ControlPlane>): Targets {
  return {
    find: async (integrationId, account, region) => {
      const plane = planes.get(integrationId);
      const target = await plane?.target(account, region);
      if (target) return target;
      throw new UnknownTargetError(account, region, plane?.labels() ?? []);
    },
    planes,
    close: () => {
      for (const plane of planes.values()) plane.close();
    },
  };
}
