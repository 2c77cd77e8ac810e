/**
 * STS: whose credentials an identity has, and so in which account. It needs no IAM permission and takes no token of the
 * budget.
 */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsProviderConfiguration, Limits } from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import type { ProxyRoute } from '@federation-agent/net';
import {
  isUnreachable,
  refusalOf,
  remedyFor,
  joinSentences,
  refusalText,
  type Refusal,
} from './credential-remedies.ts';
import { handlerTimeouts, stsEndpoint, type Credentials } from './credentials.ts';
import { proxyAgents } from './proxy.ts';
import type { Identity } from './targets.ts';
import { redactedLine } from './to-aws-error.ts';

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

export interface CallerIdentityOptions {
  readonly configuration: AwsProviderConfiguration;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly proxy?: ProxyRoute | undefined;
  readonly identity: Identity;
  readonly region: string;
  readonly telemetry: Telemetry;
  /** Texts that must not be in any error. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

/** STS did not tell the identity: why and what to do, in one line without secrets. */
export class IdentityUnknown extends Error {
  override readonly name = 'IdentityUnknown';
  /** There are credentials, but STS cannot be reached: they may still be valid. */
  readonly unreachable: boolean;

  constructor(message: string, unreachable: boolean) {
    super(message);
    this.unreachable = unreachable;
  }
}

/** Asks STS. @throws IdentityUnknown */
export async function callerIdentity(options: CallerIdentityOptions): Promise<CallerIdentity> {
  const { region, telemetry } = options;
  const attributes = {
    'rpc.system': 'aws-api',
    'rpc.service': 'STS',
    'rpc.method': 'GetCallerIdentity',
    'aws.region': region,
  };
  return telemetry.span('STS/GetCallerIdentity', { kind: 'client', attributes }, async (span) => {
    const { requestId, ...identity } = await ask(options);
    if (requestId !== undefined) span.setAttribute('aws.request_id', requestId);
    return identity;
  });
}

async function ask(options: CallerIdentityOptions): Promise<CallerIdentity & { requestId?: string }> {
  const { configuration, credentials, limits, identity, region, secrets, signal } = options;
  const unknown = (refusal: Refusal, remedy: string, unreachable: boolean): IdentityUnknown => {
    credentials.forget(identity);
    return new IdentityUnknown(
      joinSentences(redactedLine(refusalText(refusal), secrets), remedy),
      unreachable,
    );
  };
  const provider = credentials.of(identity);
  // Before the call and outside its time-out, because the chain may wait long for instance metadata.
  const own = await provider().catch((error: unknown) => {
    throw unknown({ ...refusalOf(error), name: 'Error' }, '', false);
  });
  const client = new STSClient({
    region,
    credentials: own,
    ...stsEndpoint(configuration),
    retryMode: 'standard',
    requestHandler: { ...handlerTimeouts(limits), ...proxyAgents(options.proxy, limits) },
  });
  const timer = AbortSignal.timeout(limits.creatingCall);
  try {
    const abortSignal = AbortSignal.any([signal, timer]);
    const answer = await client.send(new GetCallerIdentityCommand({}), { abortSignal });
    const { Account: account, Arn: arn, $metadata } = answer;
    if (account === undefined || !/^\d{12}$/u.test(account))
      throw new Error('the answer of STS names no account');
    const { requestId } = $metadata;
    return { account, arn: arn ?? account, ...(requestId !== undefined && { requestId }) };
  } catch (error) {
    const refusal = timer.aborted
      ? { name: 'TimeoutError', message: `no answer of STS in ${limits.creatingCall} ms` }
      : refusalOf(error);
    throw unknown(refusal, remedyFor(refusal), timer.aborted || isUnreachable(error));
  } finally {
    client.destroy();
  }
}
