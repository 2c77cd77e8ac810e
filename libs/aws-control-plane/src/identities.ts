/**
 * Whose credentials each identity has: asked of STS only once at a time, and remembered until the keys are replaced.
 */
import type { AwsProviderConfiguration, Limits } from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';
import type { ProxyRoute } from '@federation-agent/net';
import { callerIdentity, IdentityUnknown, type CallerIdentity } from './caller-identity.ts';
import type { Credentials } from './credentials.ts';
import { firstAnswer } from './first-answer.ts';
import type { Identity } from './targets.ts';

export interface IdentitiesOptions {
  readonly integrationId: string;
  readonly configuration: AwsProviderConfiguration;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly proxy?: ProxyRoute | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Texts that must not be in any error. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

export interface Identities {
  known(identity: Identity): CallerIdentity | undefined;
  /** Why the last question failed; the next one may take long. */
  failure(identity: Identity): IdentityUnknown | undefined;
  /**
   * Asks in the identity's first region. When STS hangs or cannot be reached there, it asks in all its other regions.
   *
   * @throws IdentityUnknown
   */
  ask(identity: Identity): Promise<CallerIdentity>;
  /** All identities are asked, logged and shown anew. */
  forget(): void;
}

export function createIdentities(options: IdentitiesOptions): Identities {
  const { integrationId, clock, limits, telemetry } = options;
  const answers = new Map<string, CallerIdentity>();
  const failures = new Map<string, IdentityUnknown>();
  const underWay = new Map<string, Promise<CallerIdentity>>();

  async function ask(identity: Identity): Promise<CallerIdentity> {
    const { regions, roleArn } = identity;
    const answer = await firstAnswer(
      regions.map((region) => () => callerIdentity({ ...options, identity, region })),
      {
        elsewhere: (error) => error instanceof IdentityUnknown && error.unreachable,
        slow: (signal) => clock.sleep(limits.connectCall, AbortSignal.any([signal, options.signal])),
      },
    );
    const { account, arn } = answer;
    telemetry.log.info({ integrationId, account, arn, roleArn }, `AWS is called as ${arn}`);
    return answer;
  }

  return {
    known: ({ key }) => answers.get(key),
    failure: ({ key }) => failures.get(key),
    ask(identity) {
      const { key } = identity;
      const known = answers.get(key);
      if (known) return Promise.resolve(known);
      const shared = underWay.get(key);
      if (shared) return shared;
      const asked = ask(identity);
      underWay.set(key, asked);
      // An answer for keys that were replaced meanwhile is ignored.
      const current = (): boolean => underWay.get(key) === asked;
      asked
        .then(
          (answer) => {
            if (current()) answers.set(key, answer);
          },
          (error: unknown) => {
            if (current() && error instanceof IdentityUnknown) failures.set(key, error);
          },
        )
        .finally(() => {
          if (current()) underWay.delete(key);
        });
      return asked;
    },
    forget() {
      answers.clear();
      failures.clear();
      underWay.clear();
    },
  };
}
