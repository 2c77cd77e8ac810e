import * as v2 from '@aws-sdk/client-apigatewayv2';
import { APIGateway } from '@aws-sdk/client-api-gateway';
import { STSClient } from '@aws-sdk/client-sts';
import { DEFAULT_REGION, SANDBOX_AGENT, SANDBOX_OPERATOR } from '../src/aws/principals.ts';

/** What a test wants of a client. One attempt by default, so that errors are not retried. */
export interface ClientOptions {
  readonly region?: string;
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly maxAttempts?: number;
}

/** Options of a real client of the AWS SDK against the sandbox at `url`. */
function configuration(
  url: string,
  { region = DEFAULT_REGION, credentials, maxAttempts = 1 }: ClientOptions,
) {
  return { endpoint: url, region, credentials: credentials ?? SANDBOX_AGENT, maxAttempts };
}

/** The SDK as the agent: minimum policy. */
export function agentOf(url: string, options: ClientOptions = {}): APIGateway {
  return new APIGateway(configuration(url, options));
}

/** The SDK as the owner of the account. */
export function operatorOf(url: string, options: ClientOptions = {}): APIGateway {
  return new APIGateway(configuration(url, { credentials: SANDBOX_OPERATOR, ...options }));
}

/** The SDK for STS, as the agent. */
export function stsOf(url: string, options: ClientOptions = {}): STSClient {
  return new STSClient(configuration(url, options));
}

/** Name, message and status of a call's rejection; fails when the call does not reject. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata, retryAfterSeconds } = error as RawRefusal;
    return { name, message, status: $metadata?.httpStatusCode, retryAfter: retryAfterSeconds };
  }
  throw new Error('The call did not fail');
}

/** An error as the SDK reports it. Inside jest, the SDK wraps errors of Node and keeps only their message. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
}

interface RawRefusal extends Error {
  readonly $metadata?: { httpStatusCode?: number };
  readonly retryAfterSeconds?: string;
}

/** The second version's client as the owner of the account uses it. */
export function operatorV2Of(url: string): v2.ApiGatewayV2 {
  const { accessKeyId, secretAccessKey } = SANDBOX_OPERATOR;
  const credentials = { accessKeyId, secretAccessKey };
  return new v2.ApiGatewayV2({ region: DEFAULT_REGION, endpoint: url, credentials, maxAttempts: 1 });
}
