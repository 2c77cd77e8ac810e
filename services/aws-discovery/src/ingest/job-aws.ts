/** AWS as one ingest job sees it: a target that is away is asked a few times, not once per API of the job. */
import { AwsError, type Target } from '@federation-agent/aws-control-plane';
import type { ApiCoordinates } from '@federation-agent/contracts';
import { FederationError } from '@federation-agent/base';
import type { Integration } from '../deps.ts';
import { createBreaker, type Breaker } from '../scan/breaker.ts';

/** After so many failures in a row the job goes on without this target, with the last good state of what is known. */
const failuresInARow = 8;
/**
 * How often the job asks for a target that waits for its account: a process that took a job over may have just started.
 */
const accountAttempts = 3;

/** The target of an API cannot be reached during this job. */
export class TargetAwayError extends FederationError {
  constructor(reason: string, cause?: unknown) {
    super(reason, { code: 'target-away', disposition: 'final', cause });
  }
}

/** What a job asks AWS for. Exports may fail where stages can be read, so the two are counted separately. */
type Asking = 'stages' | 'exports';

interface JobTarget {
  readonly target: Target;
  /** Counts the failures of what was asked for. */
  readonly breaker: Breaker;
}

export interface JobAws {
  /** @throws TargetAwayError */
  of(api: Pick<ApiCoordinates, 'account' | 'region'>, asking: Asking): Promise<JobTarget>;
}

interface Asked {
  readonly target: Target;
  readonly breakers: Readonly<Record<Asking, Breaker>>;
}

/** @param pause between two tries for a target that waits for its account */
export function createJobAws(
  { plane }: Pick<Integration, 'plane'>,
  pause: () => Promise<void> = () => Promise.resolve(),
): JobAws {
  const asked = new Map<string, Promise<Asked>>();

  async function ask(account: string, region: string): Promise<Asked> {
    const target = await targetOf(account, region);
    if (!target) throw new TargetAwayError(`${account}/${region} is no longer configured`);
    const breakers = { stages: createBreaker(failuresInARow), exports: createBreaker(failuresInARow) };
    return { target, breakers };
  }

  async function targetOf(account: string, region: string): Promise<Target | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await plane.target(account, region);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (attempt >= accountAttempts)
          throw new TargetAwayError(`${account}/${region} cannot be asked`, error);
        await pause();
      }
    }
  }

  return {
    of: async ({ account, region }, asking) => {
      const key = `${account}/${region}`;
      const known = asked.get(key) ?? ask(account, region);
      asked.set(key, known);
      const { target, breakers } = await known;
      const breaker = breakers[asking];
      if (!breaker.tripped()) return { target, breaker };
      throw new TargetAwayError(
        `${asking} of ${key} failed ${failuresInARow} times in a row: this job does not try them any more`,
      );
    },
  };
}
