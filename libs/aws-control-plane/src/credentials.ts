/**
 * Where credentials come from: static keys in the configuration, or else the SDK's default chain. A role is assumed
 * with those.
 */
import { getDefaultRoleAssumer, getDefaultRoleAssumerWithWebIdentity } from '@aws-sdk/client-sts';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { idToken, type AwsProviderConfiguration, type Limits } from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';
import type { ProxyRoute } from '@federation-agent/net';
import { createChainFailures } from './chain-failures.ts';
import { cachedCredentials, type CredentialsProvider } from './credential-cache.ts';
import {
  isUnreachable,
  refusalOf,
  remedyFor,
  remedyForRole,
  joinSentences,
  refusalText,
} from './credential-remedies.ts';
import { firstAnswer } from './first-answer.ts';
import { proxyAgents } from './proxy.ts';
import { CredentialsUnavailable } from './to-aws-error.ts';
import type { Identity } from './targets.ts';

export interface CredentialsOptions {
  readonly integrationId: string;
  readonly configuration: AwsProviderConfiguration;
  readonly limits: Limits;
  readonly proxy?: ProxyRoute | undefined;
  readonly clock: Clock;
  readonly log: Telemetry['log'];
}

/** The credentials of one integration; all clients of an identity share them. */
export interface Credentials {
  /** The credentials provider of an identity. It throws CredentialsUnavailable with why and what to do. */
  of(identity: Identity): CredentialsProvider;
  /** The next request gets new credentials: they may have been replaced at their source. */
  forget(identity: Identity): void;
  /** Uses other static keys from now on. */
  renew(configuration: AwsProviderConfiguration): void;
}

/**
 * The endpoint of STS: the configured one, or a loopback one that serves API Gateway; otherwise the SDK's own (it reads
 * the environment too).
 */
export function stsEndpoint(configuration: AwsProviderConfiguration): { endpoint?: string } {
  const { endpointUrl, stsEndpointUrl } = configuration;
  const endpoint =
    stsEndpointUrl ?? (endpointUrl !== undefined && isLoopback(endpointUrl) ? endpointUrl : undefined);
  return endpoint === undefined ? {} : { endpoint };
}

/** The endpoint of SQS, by the same rule; absent: the queue's own. */
export function sqsEndpoint(configuration: AwsProviderConfiguration): { endpoint?: string } {
  const { sqsEndpointUrl: own, ...rest } = configuration;
  return stsEndpoint({ ...rest, ...(own === undefined ? {} : { stsEndpointUrl: own }) });
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}

/** The secrets of a configuration, which must not be in any error. */
export function secretsOf({
  secretAccessKey,
  sessionToken,
  externalId,
  targets,
}: AwsProviderConfiguration): readonly string[] {
  const externalIds = targets.map((target) => target.externalId);
  return [secretAccessKey, sessionToken, externalId, ...externalIds].filter((secret) => secret !== undefined);
}

/** How long connections and answers may take; the SDK has no limit of its own. */
export function handlerTimeouts(limits: Limits) {
  return {
    connectionTimeout: limits.connectCall,
    requestTimeout: limits.readCall,
    throwOnRequestTimeout: true,
  } as const;
}

export function createCredentials(options: CredentialsOptions): Credentials {
  const { integrationId, configuration, limits, clock, log } = options;
  const providers = new Map<string, CredentialsProvider>();
  let base: CredentialsProvider | undefined;
  let keysFrom = configuration;

  const requestHandler = () => ({ ...handlerTimeouts(limits), ...proxyAgents(options.proxy, limits) });
  const stsClient = (region: string) => ({
    region,
    ...stsEndpoint(configuration),
    requestHandler: requestHandler(),
  });

  function chain(region: string): CredentialsProvider {
    const trail = createChainFailures((text) => log.warn(text));
    const sdk = fromNodeProviderChain({
      // In a container the instance metadata is one hop further away; the defaults (1 s, once) are too short.
      timeout: 5_000,
      maxRetries: 3,
      ignoreCache: true,
      logger: trail.logger,
      clientConfig: { requestHandler: requestHandler() },
      roleAssumer: getDefaultRoleAssumer(stsClient(region)),
      roleAssumerWithWebIdentity: getDefaultRoleAssumerWithWebIdentity(stsClient(region)),
    });
    return async (properties) => {
      trail.clear();
      try {
        return await sdk(properties);
      } catch (error) {
        const refusal = refusalOf(error);
        const tried = refusal.message.includes('Could not load credentials') ? trail.reasons() : '';
        const words = [refusalText(refusal), tried].filter((part) => part !== '').join(': ');
        throw new CredentialsUnavailable(joinSentences(`no credentials: ${words}`, remedyFor(refusal)));
      }
    };
  }

  function own(region: string): CredentialsProvider {
    const { accessKeyId, secretAccessKey, sessionToken } = keysFrom;
    if (accessKeyId === undefined || secretAccessKey === undefined) return chain(region);
    const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    return () => Promise.resolve(keys);
  }

  function assumed({ externalId, regions }: Identity, roleArn: string): CredentialsProvider {
    const providers = regions.map((region) =>
      fromTemporaryCredentials({
        params: {
          RoleArn: roleArn,
          RoleSessionName: `federation-agent-${idToken(integrationId)}`,
          ...(externalId !== undefined && { ExternalId: externalId }),
        },
        masterCredentials: (properties) => baseOf(regions)(properties),
        clientConfig: stsClient(region),
      }),
    );
    return async (properties) => {
      try {
        return await firstAnswer(
          providers.map((provider) => () => provider(properties)),
          {
            elsewhere: (error) => !(error instanceof CredentialsUnavailable) && isUnreachable(error),
            slow: (signal) => clock.sleep(limits.connectCall, signal),
          },
        );
      } catch (error) {
        if (error instanceof CredentialsUnavailable) throw error;
        const refusal = refusalOf(error);
        const remedy = remedyForRole(refusal, { externalId: externalId !== undefined });
        throw new CredentialsUnavailable(
          joinSentences(`${roleArn} cannot be assumed: ${refusalText(refusal)}`, remedy),
        );
      }
    };
  }

  const baseOf = ([region = '']: readonly string[]) =>
    (base ??= cachedCredentials(own(region), () => clock.now()));

  return {
    of(identity) {
      const { key, roleArn, regions } = identity;
      const provider: CredentialsProvider = (properties) => {
        if (roleArn === undefined) return baseOf(regions)(properties);
        const known = providers.get(key) ?? cachedCredentials(assumed(identity, roleArn), () => clock.now());
        providers.set(key, known);
        return known(properties);
      };
      return provider;
    },
    forget({ key }) {
      providers.delete(key);
      base = undefined;
    },
    renew(other) {
      keysFrom = other;
      providers.clear();
      base = undefined;
    },
  };
}
