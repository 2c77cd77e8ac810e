import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createControl } from './control.ts';
import { answerControl } from './control-api.ts';
import { answerDataPlane } from './data-plane/data-plane.ts';
import { perform, refusal, targetOf } from './dispatch.ts';
import { executes, replacement, staleKey } from './fault-effects.ts';
import { newUuid } from './ids.ts';
import { readCredential } from './signature.ts';
import { queueNameOf, waitOf } from './sqs/answer-sqs.ts';
import { createWorld } from './world.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './answer.ts';
import type { AwsControl } from './control.ts';
import type { Outcome } from './dispatch.ts';
import type { Ending, LogEntry } from './request-log.ts';
import type { SignedRequest } from './signature.ts';
import type { World, WorldOptions } from './world.ts';

/** `port` 0 (the default) takes a free one; `host` is 127.0.0.1 by default. */
export interface SandboxAwsOptions extends WorldOptions {
  readonly port?: number;
  readonly host?: string;
}

/** A running control plane of API Gateway and STS on the loopback interface. */
export interface SandboxAws {
  /** `http://127.0.0.1:{port}`: endpoint of the SDK for API Gateway and STS. */
  readonly url: string;
  readonly port: number;
  /** What tests and the demo can do to it; the same over HTTP below `/_sandbox/`. */
  readonly control: AwsControl;
  /** Closes every connection, also hanging ones. */
  stop(): Promise<void>;
}

/** Between two looks of a long poll at its queue. */
const pollMs = 20;

/** Starts the sandbox. Rejects when the port is taken. */
export async function startAws(options: SandboxAwsOptions = {}): Promise<SandboxAws> {
  const world = createWorld(options);
  const control = createControl(world);
  const server = createServer((request, response) => {
    serve(world, control, request, response).catch((error: unknown) => {
      // The client has gone, or the sandbox has a bug; neither may end the process.
      response.destroy(Error.isError(error) ? error : undefined);
    });
  });
  // The SDK keeps connections open; closing an idle one would look like a fault.
  server.keepAliveTimeout = 10 * 60 * 1000;
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    control,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  world: World,
  control: AwsControl,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const [path = '', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(',')]),
  );
  const request = { method: incoming.method ?? 'GET', path, query, headers, body: Buffer.concat(chunks) };
  if (path.startsWith('/_sandbox/')) {
    write(world, response, answerControl(control, request));
    return;
  }
  // A name that is not an address: somebody calls an API.
  const [host = ''] = (headers['host'] ?? '').split(':');
  const served = answerDataPlane(world.store, host, request);
  if (served) write(world, response, served);
  else await answer(world, request, response);
}

/** Handles one AWS call, with the faults that affect it. */
async function answer(world: World, request: SignedRequest, response: ServerResponse): Promise<void> {
  const target = targetOf(request);
  const credential = readCredential(request.headers['authorization']);
  const accessKeyId = credential?.accessKeyId;
  const account = accessKeyId === undefined ? undefined : world.principals.find(accessKeyId)?.account;
  const { method, path } = request;
  const subject = {
    operation: target.operation,
    method,
    path,
    account,
    region: credential?.region,
    accessKeyId,
  };
  const struck = world.faults.strike(subject);
  const entry = world.log.open({
    ...subject,
    ...entryOf(world, request),
    faults: struck.map(({ id }) => id),
  });
  for (const { fault } of struck) if (fault.kind === 'delay') await wait(fault.ms);

  if (target.service === 'sqs') await untilMessages(world, request, response, target.operation);

  const fault = struck.map((strike) => strike.fault).find(({ kind }) => kind !== 'delay');
  const outcome = executes(fault)
    ? keepAnswer(
        world,
        request,
        entry,
        perform(world, request, target, fault?.kind === 'duplicate-page'),
        fault?.kind,
      )
    : undefined;
  const replaced = fault && replacement(fault, (error) => refusal(target, error));
  const final = replaced ?? outcome?.answer;
  entry.executed = outcome?.executed ?? false;
  entry.caller = outcome?.caller;
  entry.status = final?.status;
  entry.errorType = final?.headers['x-amzn-ErrorType'];
  entry.ending = finish(world, response, fault?.kind, final);
}

/** A long poll: waits until the queue has something, the time is over or the caller has gone. */
async function untilMessages(
  world: World,
  request: SignedRequest,
  response: ServerResponse,
  operation: string,
): Promise<void> {
  const end = Date.now() + waitOf(operation, request);
  const name = queueNameOf(request);
  const credential = readCredential(request.headers['authorization']);
  const account = world.principals.find(credential?.accessKeyId ?? '')?.account ?? '';
  while (Date.now() < end && !response.destroyed) {
    const queue = world.queues.find(account, credential?.region ?? '', name);
    if (!queue || [...queue.messages.values()].some(({ visibleAt }) => visibleAt <= world.now())) return;
    await wait(pollMs);
  }
}

function entryOf(
  world: World,
  request: SignedRequest,
): Omit<LogEntry, 'operation' | 'account' | 'region' | 'accessKeyId' | 'faults'> {
  const { method, path, query, headers } = request;
  return {
    at: world.now(),
    method,
    path,
    query,
    caller: undefined,
    attempt: headers['amz-sdk-request'],
    invocationId: headers['amz-sdk-invocation-id'],
    traceparent: headers['traceparent'],
    status: undefined,
    errorType: undefined,
    executed: false,
    ending: undefined,
  };
}

/** Keeps the answer of a read; with `stale-page` it answers the one kept before. */
function keepAnswer(
  world: World,
  request: SignedRequest,
  { account, region }: LogEntry,
  outcome: Outcome,
  fault: string | undefined,
): Outcome {
  if (request.method !== 'GET' || outcome.answer.status !== 200) return outcome;
  const key = staleKey(account, region, request);
  if (fault === 'stale-page') return { ...outcome, answer: world.lastAnswers.get(key) ?? outcome.answer };
  // Exports may have megabytes, so only lists are kept.
  if (outcome.answer.body.length < 1_000_000) world.lastAnswers.set(key, outcome.answer);
  return outcome;
}

function finish(
  world: World,
  response: ServerResponse,
  kind: string | undefined,
  final: Answer | undefined,
): Ending {
  if (kind === 'hang-before' || kind === 'hang-after') return 'hung';
  if (kind === 'reset-before' || kind === 'reset-after' || final === undefined) {
    response.socket?.resetAndDestroy();
    return 'reset';
  }
  if (kind !== 'truncate') {
    write(world, response, final);
    return 'answered';
  }
  const body = Buffer.from(final.body);
  head(world, response, final, body.length);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.end());
  return 'cut';
}

function head(world: World, response: ServerResponse, answer: Answer, length: number): void {
  response.writeHead(answer.status, {
    date: new Date(world.now()).toUTCString(),
    'x-amzn-requestid': newUuid(world.random),
    ...answer.headers,
    'content-length': length,
  });
}

function write(world: World, response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body);
  head(world, response, answer, body.length);
  response.end(body);
}
