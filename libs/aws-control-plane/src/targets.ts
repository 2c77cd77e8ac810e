/** Which accounts and regions a configuration means, and with which identity. Pure. */
import type { AwsProviderConfiguration } from '@federation-agent/contracts';

/** With whose credentials AWS is called: the agent's own, or a role assumed with them. */
export interface Identity {
  /** Identities with the same key are the same. */
  readonly key: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  /** The regions that use it, in the order of the configuration. STS is asked there, and so in the right partition. */
  readonly regions: readonly string[];
}

/** A target before its account is known. */
export interface ConfiguredTarget {
  readonly identity: Identity;
  readonly region: string;
  /** As configured; not checked here. */
  readonly account?: string;
  /** URL of the SQS queue with its changes. */
  readonly changeQueueUrl?: string;
  /** For people: `eu-west-1 as arn:aws:iam::123456789012:role/agent`. */
  readonly label: string;
}

/** A target before it is known in which other regions its identity is used. */
type Bare = Omit<ConfiguredTarget, 'identity'> & { readonly identity: Omit<Identity, 'regions'> };

/** `targets` if set, or else every region for every role (or for the agent itself). */
export function configuredTargets(configuration: AwsProviderConfiguration): readonly ConfiguredTarget[] {
  const bare = bareTargets(configuration);
  const regionsOf = (key: string): string[] => [
    ...new Set(bare.filter(({ identity }) => identity.key === key).map(({ region }) => region)),
  ];
  return bare.map((one) => ({ ...one, identity: { ...one.identity, regions: regionsOf(one.identity.key) } }));
}

function bareTargets(configuration: AwsProviderConfiguration): readonly Bare[] {
  const { targets, region: regions = [], roleArn: roles = [], externalId, changeQueueUrl } = configuration;
  if (targets.length > 0) {
    return targets.flatMap((target) =>
      target.regions.map((region) =>
        wanted(region, identityOf(target.roleArn, target.externalId), {
          account: target.accountId,
          changeQueueUrl: target.changeQueueUrl ?? changeQueueUrl,
        }),
      ),
    );
  }
  const identities = roles.length > 0 ? roles.map((role) => identityOf(role, externalId)) : [identityOf()];
  return identities.flatMap((identity) =>
    regions.map((region) => wanted(region, identity, { changeQueueUrl })),
  );
}

function identityOf(roleArn?: string, externalId?: string): Bare['identity'] {
  if (roleArn === undefined) return { key: 'self' };
  return { key: `${roleArn} ${externalId ?? ''}`, roleArn, ...(externalId !== undefined && { externalId }) };
}

function wanted(
  region: string,
  identity: Bare['identity'],
  {
    account,
    changeQueueUrl,
  }: { readonly account?: string | undefined; readonly changeQueueUrl?: string | undefined },
): Bare {
  return {
    identity,
    region,
    ...(account !== undefined && { account }),
    ...(changeQueueUrl !== undefined && { changeQueueUrl }),
    label: [
      region,
      ...(account === undefined ? [] : [`of ${account}`]),
      ...(identity.roleArn === undefined ? [] : [`as ${identity.roleArn}`]),
    ].join(' '),
  };
}
