/**
 * Upgrade and HELLO at one endpoint, without taking the channel of a running agent.
 *
 * When a HELLO is accepted, it opens a second channel of the integration, and APIM then sends all its commands to one
 * of the two: in 6 of 12 tries on the real controller to the new one. So this HELLO is made to be refused: it names a
 * provider that no integration has. APIM checks the provider last, after integration, organisation and permission, and
 * its refusal names the expected provider. A refused HELLO opens no channel, so the primary channel does not change.
 */
import { randomUUID } from 'node:crypto';
import { encodeCommand, parseFrame, provider } from '@federation-agent/contracts';
import { dial } from '@federation-agent/gateway-link';
import type { EndpointOptions } from './check-tls.ts';
import { skippedChecks } from './check-endpoint.ts';
import type { CheckResult } from './result.ts';

export interface ChannelCheckOptions extends EndpointOptions {
  /** In the order of `integration.providers`. */
  readonly integrationIds: readonly string[];
  /** The Authorization header comes from `cloud.token`. */
  readonly cloudToken: boolean;
}

/** A provider that no integration has. */
const noProvider = 'federation-agent-doctor';
const upgradeMs = 6_000;
const helloMs = 6_000;

type Greeting =
  | { readonly kind: 'not-upgraded'; readonly reason: string; readonly status: number | undefined }
  | { readonly kind: 'refused'; readonly details: string }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'silent' | 'ended'; readonly reason: string };

export async function* checkChannel(options: ChannelCheckOptions): AsyncGenerator<CheckResult> {
  const { integrationIds, shown } = options;
  const greetings = await Promise.all(
    integrationIds.map(async (id) => ({ id, greeting: await greet(options, id) })),
  );
  const failure = greetings.map(({ greeting }) => greeting).find(({ kind }) => kind === 'not-upgraded');
  if (failure?.kind === 'not-upgraded') {
    yield { ...notUpgraded(failure, options), subject: shown };
    yield* skippedChecks(shown, ['hello'], 'there is no WebSocket');
    return;
  }
  yield {
    check: 'upgrade',
    subject: shown,
    status: 'ok',
    detail: 'APIM takes the token and opens the WebSocket',
  };
  for (const [index, { id, greeting }] of greetings.entries()) {
    const idKey = `integration.providers[${index}].integrationId`;
    yield { ...greeted(id, greeting, idKey), subject: `${id} at ${shown}` };
  }
}

/** A health round of the controller between upgrade and HELLO ends the socket; then this tries once more. */
async function greet(options: ChannelCheckOptions, targetId: string): Promise<Greeting> {
  const first = await greetOnce(options, targetId);
  return first.kind === 'ended' ? greetOnce(options, targetId) : first;
}

/** One socket and one HELLO, closed as soon as it is answered: until then the controller checks no other channel. */
async function greetOnce(options: ChannelCheckOptions, targetId: string): Promise<Greeting> {
  const { endpoint, config, proxy } = options;
  const limits = {
    ...options.limits,
    handshakeTimeout: Math.min(upgradeMs, options.limits.handshakeTimeout),
  };
  return new Promise((resolve) => {
    dial({
      endpoint,
      config,
      limits,
      proxy,
      onFailed: (reason, status) => resolve({ kind: 'not-upgraded', reason, status }),
      onOpen: (socket) => {
        const id = randomUUID();
        const end = (greeting: Greeting): void => {
          clearTimeout(late);
          socket.close(1000);
          setTimeout(() => socket.terminate(), 500).unref();
          resolve(greeting);
        };
        const late = setTimeout(
          () => end({ kind: 'silent', reason: `no answer in ${helloMs / 1_000} s` }),
          helloMs,
        );
        socket.on('error', () => undefined);
        socket.once('close', (code) => end({ kind: 'ended', reason: `the connection was closed (${code})` }));
        socket.on('message', (data) => {
          const frame = parseFrame(bytesOf(data));
          if (frame.kind === 'command' && frame.command.type === 'GOOD_BYE') {
            end({ kind: 'ended', reason: 'APIM sent GOOD_BYE first' });
          }
          if (frame.kind !== 'reply' || frame.reply.commandId !== id) return;
          const { commandStatus, errorDetails } = frame.reply;
          if (commandStatus === 'SUCCEEDED') end({ kind: 'accepted' });
          else end({ kind: 'refused', details: errorDetails ?? 'without a reason' });
        });
        socket.send(encodeCommand({ id, type: 'HELLO', payload: { targetId, provider: noProvider } }));
      },
    });
  });
}

function bytesOf(data: Buffer | ArrayBuffer | readonly Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.concat(data);
}

type Found = Omit<CheckResult, 'subject'>;

function notUpgraded(
  { reason, status }: Extract<Greeting, { kind: 'not-upgraded' }>,
  options: ChannelCheckOptions,
): Found {
  const { key } = options;
  const fixes: Readonly<Record<number, string>> = {
    401: mendToken(options),
    404: `check the path in ${key}: /exchange/controller is appended to it; what answers there is not the integration controller of APIM`,
  };
  const other =
    status === undefined
      ? `what takes the connection there does not answer as the integration controller of APIM does (its own port is 8072): check ${key}, and what stands between: load balancer, ingress, firewall`
      : `something before APIM answers: a proxy or an ingress that must let WebSockets through to the integration controller; check ${key}`;
  return {
    check: 'upgrade',
    status: 'failed',
    detail: reason,
    fix: (status === undefined ? undefined : fixes[status]) ?? other,
  };
}

function mendToken({ config, cloudToken }: ChannelCheckOptions): string {
  if (cloudToken) return 'set cloud.token to a token that Gravitee Cloud still knows';
  return config.headers.some(({ name }) => name.toLowerCase() === 'authorization')
    ? 'set integration.connector.ws.headers[n].value of the header Authorization to "bearer <token>", with a token that APIM still knows, of a user (best a service account) of the same organisation; the licence of APIM must have federation'
    : 'set integration.connector.ws.headers[0].name to Authorization and its value to "bearer <token>": no Authorization header is configured';
}

function greeted(id: string, greeting: Greeting, idKey: string): Found {
  const failed = (detail: string, fix: string): Found => ({ check: 'hello', status: 'failed', detail, fix });
  switch (greeting.kind) {
    case 'not-upgraded':
    case 'silent':
    case 'ended':
      return failed(
        `APIM did not answer HELLO: ${greeting.reason}`,
        'look into the log of APIM; try again in a minute',
      );
    case 'accepted':
      return {
        check: 'hello',
        status: 'note',
        detail: `APIM took the HELLO of a provider that does not exist (${noProvider}); the channel was closed at once`,
        fix: 'this controller does not compare providers: a running agent may have missed a command just now',
      };
    case 'refused': {
      const expected = /Expected provider \[provider=(?<name>[^\]]*)\]/u.exec(greeting.details)?.groups?.[
        'name'
      ];
      if (expected === provider) {
        return {
          check: 'hello',
          status: 'ok',
          detail: `APIM knows the integration, the token may use it, its provider is ${provider}`,
        };
      }
      if (expected !== undefined) {
        return failed(
          `the integration is of the provider ${expected} in APIM; this agent is ${provider}`,
          `create an integration of AWS API Gateway in the APIM console and put its id into ${idKey}`,
        );
      }
      if (greeting.details.includes('not found')) {
        return failed(
          `APIM: ${greeting.details}`,
          `copy the id of the integration from the APIM console into ${idKey} (now ${id}); if it is right, the user of the token is of another organisation, or lacks ENVIRONMENT_INTEGRATION (create, read, update, delete) in its environment`,
        );
      }
      return failed(`APIM: ${greeting.details}`, 'look into the log of APIM');
    }
  }
}
