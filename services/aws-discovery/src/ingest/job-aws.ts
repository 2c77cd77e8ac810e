/** AWS as one ingest job sees it: what is away is asked a few times, and not once per API of the job. */
import { AwsError, type Target } from '@federation-agent/aws-control-plane';
import type { ApiCoordinates } from '@federation-agent/contracts';
import { FederationError } from '@federation-agent/service-kit';
import type { Integration } from '../deps.ts';
import { createBreaker, type Breaker } from '../scan/breaker.ts';

/** After so many failures in a row the job goes on without this target: with the last good state of what is known. */
const failuresInARow = 8;

/** The target of an API cannot be asked during this job. */
export class TargetAwayError extends FederationError {
  constructor(reason: string) {
    super(reason, { code: 'target-away', disposition: 'final' });
  }
}

export interface JobTarget {
  readonly target: Target;
  readonly breaker: Breaker;
}

export interface JobAws {
  /** @throws TargetAwayError */
  of(api: Pick<ApiCoordinates, 'account' | 'region'>): Promise<JobTarget>;
}

export function createJobAws({ plane }: Pick<Integration, 'plane'>): JobAws {
  const asked = new Map<string, Promise<JobTarget>>();

  async function ask(account: string, region: string): Promise<JobTarget> {
    try {
      const target = await plane.target(account, region);
      if (target) return { target, breaker: createBreaker(failuresInARow) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new TargetAwayError(error.message);
    }
    throw new TargetAwayError(`${account}/${region} is not configured`);
  }

  return {
    of: async ({ account, region }) => {
      const key = `${account}/${region}`;
      const known = asked.get(key) ?? ask(account, region);
      asked.set(key, known);
      const found = await known;
      if (found.breaker.tripped())
        throw new TargetAwayError(`${key} does not answer; it is left alone for this job`);
      return found;
    },
  };
}
