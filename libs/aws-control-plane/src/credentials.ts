/** Where credentials come from: static keys of the configuration, else the SDK's default chain; a role is assumed with those. */
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { idToken, type AwsProviderConfiguration, type Limits } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/service-kit';
import { CredentialsUnavailable } from './to-aws-error.ts';
import type { Identity } from './targets.ts';

type CredentialsProvider = ReturnType<typeof fromNodeProviderChain>;

export interface CredentialsOptions {
  readonly integrationId: string;
  readonly configuration: AwsProviderConfiguration;
  readonly limits: Limits;
  readonly identity: Identity;
  /** Of the first target of this identity: STS is asked in its partition. */
  readonly region: string;
}

/** The endpoint of STS: configured, or a loopback one that serves API Gateway; else the SDK's own (also by environment). */
export function stsEndpoint(configuration: AwsProviderConfiguration): { endpoint?: string } {
  const { endpointUrl, stsEndpointUrl } = configuration;
  const endpoint =
    stsEndpointUrl ?? (endpointUrl !== undefined && isLoopback(endpointUrl) ? endpointUrl : undefined);
  return endpoint === undefined ? {} : { endpoint };
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}

/** How long connections and answers may take; the SDK has no limit of its own. */
export function handlerTimeouts(limits: Limits) {
  return {
    connectionTimeout: limits.connectCall,
    requestTimeout: limits.readCall,
    throwOnRequestTimeout: true,
  } as const;
}

/**
 * A provider for one identity. The client that gets it keeps the credentials until five minutes before they expire.
 *
 * @throws CredentialsUnavailable, with the reason in one line
 */
export function credentialsFor(options: CredentialsOptions): CredentialsProvider {
  const { integrationId, configuration, limits, identity, region } = options;
  const own = ownCredentials(configuration);
  const provider: CredentialsProvider =
    identity.roleArn === undefined
      ? own
      : fromTemporaryCredentials({
          params: {
            RoleArn: identity.roleArn,
            RoleSessionName: `federation-agent-${idToken(integrationId)}`,
            ...(identity.externalId !== undefined && { ExternalId: identity.externalId }),
          },
          masterCredentials: own,
          clientConfig: { region, ...stsEndpoint(configuration), requestHandler: handlerTimeouts(limits) },
        });
  return async (properties) => {
    try {
      return await provider(properties);
    } catch (error) {
      const role = identity.roleArn === undefined ? '' : `${identity.roleArn} cannot be assumed: `;
      throw new CredentialsUnavailable(`no credentials: ${role}${describeError(error)}`);
    }
  };
}

function ownCredentials(configuration: AwsProviderConfiguration): CredentialsProvider {
  const { accessKeyId, secretAccessKey, sessionToken } = configuration;
  // In a container the instance metadata is one hop further away: the defaults (1 s, once) are too short.
  if (accessKeyId === undefined || secretAccessKey === undefined)
    return fromNodeProviderChain({ timeout: 5_000, maxRetries: 3, ignoreCache: true });
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  return () => Promise.resolve(keys);
}
