/** SDK clients, one for each identity, region and purpose, and one exchange with AWS: a request and its raw answer. */
import { addAbortSignal, type Readable } from 'node:stream';
import {
  APIGatewayClient,
  type CreateApiKeyCommand,
  type CreateUsagePlanKeyCommand,
  type DeleteApiKeyCommand,
  type GetAccountCommand,
  type GetApiKeysCommand,
  type GetBasePathMappingsCommand,
  type GetDomainNamesCommand,
  type GetExportCommand,
  type GetRestApisCommand,
  type GetStagesCommand,
  type GetUsagePlansCommand,
  type ImportApiKeysCommand,
} from '@aws-sdk/client-api-gateway';
import type {
  ExportApiCommand,
  GetApiMappingsCommand,
  GetApisCommand,
  GetModelsCommand,
  GetRoutesCommand,
  GetStagesCommand as GetStagesV2Command,
  ListRoutingRulesCommand,
} from '@aws-sdk/client-apigatewayv2';
import type { AwsProviderConfiguration, Limits } from '@federation-agent/contracts';
import { yieldToEventLoop } from '@federation-agent/base';
import type { ProxyRoute } from '@federation-agent/net';
import type { RawAnswer } from './answer.ts';
import { handlerTimeouts, type Credentials } from './credentials.ts';
import { proxyAgents } from './proxy.ts';
import { loadV2 } from './sdk-v2.ts';
import type { Identity } from './targets.ts';
import type { Failure } from './to-aws-error.ts';

/** The commands that the agent sends, and those of its check. */
export type Command =
  | CreateApiKeyCommand
  | CreateUsagePlanKeyCommand
  | DeleteApiKeyCommand
  | GetAccountCommand
  | GetApiKeysCommand
  | GetBasePathMappingsCommand
  | GetDomainNamesCommand
  | GetExportCommand
  | GetRestApisCommand
  | GetStagesCommand
  | GetUsagePlansCommand
  | ImportApiKeysCommand
  | ExportApiCommand
  | GetApiMappingsCommand
  | GetApisCommand
  | GetModelsCommand
  | GetRoutesCommand
  | GetStagesV2Command
  | ListRoutingRulesCommand;

/** Any of them; a union of commands fits none of the overloads of `send`. */
type AnyCommand = Parameters<APIGatewayClient['send']>[0];

/** What both of the SDK's clients are to this file. */
type Client = Pick<APIGatewayClient, 'send' | 'destroy'>;

interface ExchangeOptions {
  /** The command is one of the second version. */
  readonly v2: boolean;
  readonly signal?: AbortSignal | undefined;
  /** From now to the last byte of the answer, ms. */
  readonly timeout: number;
  /**
   * Use a separate connection: AWS may reset an idle one at this moment, and then a creating call would be in doubt.
   */
  readonly fresh: boolean;
  /** Called when the signed request is about to be handed to the connection. If it throws, that is the result. */
  readonly beforeSending: () => void;
}

/** A complete answer of 200 to 299, or how it failed. */
export type Exchange = { readonly answer: RawAnswer } | { readonly failure: Failure };

export interface Clients {
  exchange(identity: Identity, region: string, command: Command, options: ExchangeOptions): Promise<Exchange>;
  /** The next exchange of this identity gets new credentials: they may have been replaced on disk. */
  forget(identity: Identity): void;
  close(): void;
}

interface Entry {
  readonly client: Promise<Client>;
  underWay: number;
  retired: boolean;
}

/** No list page or document of AWS is nearly this large; a larger answer is not kept in memory. */
const largestAnswer = 64 * 1024 * 1024;

export function createClients(options: {
  readonly configuration: AwsProviderConfiguration;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly proxy?: ProxyRoute | undefined;
}): Clients {
  const entries = new Map<string, Entry>();
  const { endpointUrl } = options.configuration;

  const entryFor = (identity: Identity, region: string, fresh: boolean, v2: boolean): Entry => {
    const key = `${identity.key} ${region} ${fresh ? 'fresh' : 'kept'}${v2 ? ' v2' : ''}`;
    const known = entries.get(key);
    if (known) return known;
    const agent = { keepAlive: !fresh };
    const configuration = {
      region,
      credentials: options.credentials.of(identity),
      ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
      // Every attempt takes a token of the budget, so the SDK must not retry. `adaptive` in the environment would also
      // wait.
      maxAttempts: 1,
      retryMode: 'standard' as const,
      requestHandler: {
        ...handlerTimeouts(options.limits),
        requestTimeout: options.limits.exportCall,
        httpAgent: agent,
        httpsAgent: agent,
        ...proxyAgents(options.proxy, options.limits, agent),
      },
    };
    const client: Promise<Client> = v2
      ? // The SDK ties each client to the commands of its own service.
        loadV2().then(({ ApiGatewayV2Client }) => new ApiGatewayV2Client(configuration) as unknown as Client)
      : Promise.resolve(new APIGatewayClient(configuration));
    const entry = { client, underWay: 0, retired: false };
    entries.set(key, entry);
    return entry;
  };

  return {
    async exchange(identity, region, command, exchangeOptions) {
      const entry = entryFor(identity, region, exchangeOptions.fresh, exchangeOptions.v2);
      entry.underWay += 1;
      try {
        return await exchangeOnce(await entry.client, command, exchangeOptions);
      } finally {
        entry.underWay -= 1;
        if (entry.retired && entry.underWay === 0) destroy(entry);
      }
    },
    forget(identity) {
      options.credentials.forget(identity);
      for (const [key, entry] of entries) {
        if (!key.startsWith(`${identity.key} `)) continue;
        entries.delete(key);
        entry.retired = true;
        if (entry.underWay === 0) destroy(entry);
      }
    },
    close() {
      for (const entry of entries.values()) destroy(entry);
      entries.clear();
    },
  };
}

function destroy({ client }: Entry): void {
  client.then(
    (made) => made.destroy(),
    () => undefined,
  );
}

/**
 * Sends one command once. Never rejects.
 *
 * @param sdkClient that of the command's service
 */
export async function exchangeOnce(
  sdkClient: object,
  sdkCommand: object,
  {
    signal,
    timeout,
    beforeSending,
  }: Pick<ExchangeOptions, 'signal' | 'timeout'> & Partial<Pick<ExchangeOptions, 'beforeSending'>>,
): Promise<Exchange> {
  // The SDK ties each client to the commands of its service and each command to its input and output; all work alike.
  const [client, command] = [sdkClient as Client, sdkCommand as AnyCommand];
  const timer = AbortSignal.timeout(timeout);
  const abortSignal = signal ? AbortSignal.any([signal, timer]) : timer;
  let sent = false;
  let answer: RawAnswer | undefined;
  let error: unknown;
  // Directly at the connection: after credentials and signing, and before the SDK interprets the answer or error.
  command.middlewareStack.add(
    (next) => async (args) => {
      beforeSending?.();
      sent = true;
      try {
        const result = await next(args);
        const { response } = result;
        if (isHttpResponse(response)) {
          const { statusCode: status, headers } = response;
          answer = { status, headers, body: Buffer.alloc(0), complete: false };
          const body = await collect(response.body, abortSignal);
          answer = { status, headers, body, complete: true };
          // Pages of many targets come at once, and parsing each takes a while.
          await yieldToEventLoop();
          // A success is parsed from its bytes, so the SDK need not read it. An error gets its own view of the bytes,
          // because the SDK changes the prototype of what it gets.
          response.body = isSuccess(answer)
            ? new Uint8Array(nothing)
            : new Uint8Array(body.buffer, body.byteOffset, body.length);
        }
        return result;
      } catch (thrown) {
        error = thrown;
        throw thrown;
      }
    },
    { step: 'deserialize', priority: 'low', name: 'rawAnswer' },
  );
  try {
    await client.send(command, { abortSignal });
  } catch (thrown) {
    error ??= thrown;
  }
  // A complete 2xx answer is parsed from its bytes, whatever the SDK makes of it.
  if (answer && isSuccess(answer)) return { answer };
  const ended = signal?.aborted ? 'stopped' : timer.aborted ? 'timed-out' : undefined;
  return { failure: { error, sent, answer, ended } };
}

const nothing = Buffer.from('{}');

function isSuccess({ status, complete }: RawAnswer): boolean {
  return complete && status >= 200 && status < 300;
}

interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: Readable | Uint8Array;
}

function isHttpResponse(response: unknown): response is HttpResponse {
  return typeof response === 'object' && response !== null && 'statusCode' in response && 'body' in response;
}

async function collect(body: Readable | Uint8Array, signal: AbortSignal): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, body) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestAnswer) throw new Error(`the answer is larger than ${largestAnswer} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
