/** STS: who an identity is, and so in which account. Needs no IAM permission and takes no token of the budget. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describeError, type Telemetry } from '@federation-agent/service-kit';
import { credentialsFor, handlerTimeouts, stsEndpoint, type CredentialsOptions } from './credentials.ts';
import { clean } from './to-aws-error.ts';

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

/** Asks STS. @throws Error with the reason in one line, without secrets */
export async function callerIdentity(
  options: CredentialsOptions & {
    readonly telemetry: Telemetry;
    readonly secrets: readonly string[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<CallerIdentity> {
  const { configuration, limits, region, secrets, signal, telemetry } = options;
  const client = new STSClient({
    region,
    credentials: credentialsFor(options),
    ...stsEndpoint(configuration),
    retryMode: 'standard',
    requestHandler: handlerTimeouts(limits),
  });
  const timer = AbortSignal.timeout(limits.creatingCall);
  const attributes = {
    'rpc.system': 'aws-api',
    'rpc.service': 'STS',
    'rpc.method': 'GetCallerIdentity',
    'aws.region': region,
  };
  try {
    return await telemetry.span('STS/GetCallerIdentity', { kind: 'client', attributes }, async (span) => {
      try {
        const abortSignal = signal ? AbortSignal.any([signal, timer]) : timer;
        const answer = await client.send(new GetCallerIdentityCommand({}), { abortSignal });
        if (answer.$metadata.requestId) span.setAttribute('aws.request_id', answer.$metadata.requestId);
        const { Account: account, Arn: arn } = answer;
        if (!account || !/^\d{12}$/u.test(account)) throw new Error('the answer of STS names no account');
        return { account, arn: arn ?? account };
      } catch (error) {
        const reason = timer.aborted ? `no answer of STS in ${limits.creatingCall} ms` : describeError(error);
        throw new Error(clean(reason, secrets));
      }
    });
  } finally {
    client.destroy();
  }
}
