import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { APIGatewayClient, GetRestApisCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import {
  APIM_CONTROLLER_START_MS,
  MOTO_START_MS,
  awsFaults,
  probeApimController,
  probeMoto,
  requireOrSkip,
  seedMoto,
  startApimController,
  startFaultProxy,
  startMoto,
} from '../support/index.ts';
import type { ApimController, FaultProxy, Moto, Seeded } from '../support/index.ts';

const golden = (name: string): Promise<Buffer> =>
  readFile(new URL(`apim-controller/golden/${name}`, import.meta.url));

const api = { uniqueId: 'u', id: 'a', name: 'n', version: '1' };

/** The frame that answers a command with the payload for its type; none for a reply or another command. */
function replyTo(frame: string, payloads: Readonly<Record<string, object>>): string | undefined {
  const [, type = '', json = ''] = /^t:COMMAND;;et:(\w+);;e:(.*)$/s.exec(frame) ?? [];
  const payload = payloads[type];
  if (!payload) return undefined;
  const { id } = JSON.parse(json) as { id: string };
  const reply = { commandId: id, type, commandStatus: 'SUCCEEDED', payload };
  return `t:REPLY;;et:${type};;e:${JSON.stringify(reply)}`;
}

requireOrSkip('the real APIM controller', probeApimController())('the real APIM controller', () => {
  const token = 'a-token';
  let controller: ApimController | undefined;

  const started = (): ApimController => {
    if (!controller) throw new Error('the controller has not started');
    return controller;
  };
  const sockets: WebSocket[] = [];
  const dial = (bearer: string): WebSocket => {
    const url = `${started().endpoint.replace('http', 'ws')}/exchange/controller`;
    const headers = { Authorization: `bearer ${bearer}`, 'X-Gravitee-Exchange-Protocol': 'v1' };
    // The controller would use permessage-deflate if it were offered.
    const socket = new WebSocket(url, { perMessageDeflate: false, headers });
    sockets.push(socket);
    return socket;
  };
  /**
   * Opens a socket, sends HELLO and waits until it is primary. It answers each command with the payload for its type.
   */
  const greet = async (payloads: Readonly<Record<string, object>>) => {
    const socket = dial(token);
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => {
      frames.push(data.toString());
      const reply = replyTo(data.toString(), { PRIMARY: {}, ...payloads });
      if (reply) socket.send(Buffer.from(reply));
    });
    await once(socket, 'open');
    socket.send(await golden('HELLO.command.frame'));
    await started().untilEvent((event) => event.kind === 'reply' && event.type === 'PRIMARY');
    return { socket, frames };
  };

  beforeAll(async () => {
    controller = await startApimController({
      integrations: { 'integration-1': 'aws-api-gateway' },
      token,
      commandTimeoutMs: 2_000,
      jobDelayMs: 0,
    });
  }, APIM_CONTROLLER_START_MS);

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    // So that the next test starts without channels and events of this one.
    const opened = (await started().events()).some((event) => event.kind === 'channel-open');
    if (opened) await started().untilEvent((event) => event.kind === 'channel-closed');
    await started().reset();
  });

  afterAll(async () => {
    await controller?.stop();
  });

  test('says what it is', async () => {
    expect(await started().health()).toEqual({
      status: 'UP',
      exchangeVersion: started().exchangeVersion,
      droppedIngests: 0,
    });
    expect(await started().integrations()).toEqual([
      { id: 'integration-1', provider: 'aws-api-gateway', channels: 0 },
    ]);
  });

  test('answers a HELLO, sends PRIMARY, discovers, and its events show all of it', async () => {
    const { socket, frames } = await greet({ DISCOVER: { apis: [{ ...api, type: 'PROXY' }] } });
    expect(socket.extensions).toBe('');
    expect(frames[0]).toBe((await golden('HELLO.reply.frame')).toString());
    expect(await started().channels('integration-1')).toMatchObject([{ active: true, primary: true }]);
    const discovered = await started().discover('integration-1');
    expect(discovered).toMatchObject({ commandStatus: 'SUCCEEDED', payload: { apis: [{ uniqueId: 'u' }] } });
    const kinds = (await started().events()).map((event) => event.kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['upgrade', 'hello', 'channel-open', 'channel-registered', 'command', 'reply']),
    );
    expect(kinds).not.toContain('unreadable');
  });

  test('takes an ingest, and keeps what was subscribed', async () => {
    const key = { graviteeSubscriptionId: 'ignored', apiKey: 'the-key', metadata: { apiKeyId: 'k' } };
    const answers = { START_INGEST: { ingestJobId: '', total: 1 }, SUBSCRIBE: { subscription: key } };
    const { socket } = await greet({ ...answers, UNSUBSCRIBE: {} });
    const { jobId, total } = await started().ingest('integration-1', ['a']);
    expect(total).toBe(1);

    const details = { connectionDetails: { region: 'eu-west-1' }, metadata: [{ name: 'm', value: 'v' }] };
    const pages = [{ pageType: 'SWAGGER', content: '{}', filename: 'swagger.json' }];
    const plans = [{ id: 'p', name: 'Plan', planSecurityType: 'API_KEY' }];
    const apis = [{ ...api, type: 'PROXY', ...details, pages, plans }];
    const command = { id: 'c', type: 'INGEST', payload: { ingestJobId: jobId, apis, done: true } };
    socket.send(Buffer.from(`t:COMMAND;;et:INGEST;;e:${JSON.stringify(command)}`));
    expect(await started().untilJobEnds('integration-1', jobId ?? '')).toMatchObject({
      status: 'SUCCESS',
      batches: 1,
      apis: 1,
      dropped: 0,
      errors: [],
    });
    const known = await started().apis('integration-1');
    expect(known.apis).toMatchObject([{ uniqueId: 'u', apiId: 'a', ...details, pages, plans, updates: 0 }]);

    const request = { apiId: 'u', planId: 'p', applicationId: 'app', applicationName: 'My app' };
    const subscription = await started().subscribe('integration-1', request);
    expect(subscription).toMatchObject({
      status: 'ACCEPTED',
      apiKey: 'the-key',
      metadata: { apiKeyId: 'k' },
    });
    expect(await started().retry('integration-1', subscription.id)).toMatchObject({ id: subscription.id });
    expect(await started().unsubscribe('integration-1', subscription.id)).toMatchObject({ status: 'CLOSED' });
    const closed = await started().subscription('integration-1', subscription.id);
    expect(await started().subscriptions('integration-1')).toEqual([closed]);
    expect((await started().events()).map((event) => event.kind)).not.toContain('unreadable');
  });

  test('drops what it cannot read in silence, and the events say so', async () => {
    await greet({ DISCOVER: { apis: [{ ...api, type: 'no such type' }] } });
    expect(await started().discover('integration-1')).toMatchObject({ error: expect.any(String) });
    const unreadable = await started().untilEvent((event) => event.kind === 'unreadable');
    expect(unreadable).toMatchObject({ frame: 'REPLY', type: 'DISCOVER' });
  });

  test('says good-bye, and cuts the connection without a close frame', async () => {
    const { socket, frames } = await greet({});
    expect(await started().goodbye('integration-1', { reconnect: false })).toBe(1);
    await started().untilEvent((event) => event.kind === 'command' && event.type === 'GOOD_BYE');
    const closed = once(socket, 'close');
    expect(await started().drop('integration-1', { reset: false })).toBe(1);
    expect((await closed)[0]).toBe(1006);
    expect(frames.at(-1)).toMatch(/^t:COMMAND;;et:GOOD_BYE;;e:.*"reconnect":false/);
    await started().untilEvent((event) => event.kind === 'channel-closed');
  });

  test('refuses a wrong token with 401', async () => {
    const socket = dial('another');
    const refused = await new Promise((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        resolve(response.statusCode);
        socket.terminate();
      });
      socket.on('error', () => undefined);
    });
    expect(refused).toBe(401);
    expect(await started().untilEvent((event) => event.kind === 'upgrade-refused')).toBeDefined();
  });

  test('says so when nobody can answer, and when it is asked for something unknown', async () => {
    expect(await started().discover('integration-1')).toMatchObject({
      error: expect.stringContaining('No channel'),
    });
    expect(await started().ingest('integration-1')).toMatchObject({ status: 'ERROR' });
    await expect(started().apis('nobody')).rejects.toMatchObject({ name: 'ControlApiError', status: 404 });
  });
});

requireOrSkip('moto', probeMoto())('moto behind the fault proxy', () => {
  const region = 'eu-west-1';
  let moto: Moto | undefined;
  let proxy: FaultProxy | undefined;
  let seeded: Seeded | undefined;
  let client: APIGatewayClient | undefined;

  /** The real SDK, one attempt, through the proxy. */
  const sdk = (): APIGatewayClient => {
    if (!client) throw new Error('moto has not started');
    return client;
  };

  beforeAll(async () => {
    moto = await startMoto();
    seeded = await seedMoto(moto.url, { region, apis: 12, stages: 2, plans: 4, unplanned: 3, keys: 2 });
    proxy = await startFaultProxy({ target: moto.url });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new APIGatewayClient({ region, endpoint: proxy.url, credentials, maxAttempts: 1 });
  }, MOTO_START_MS);

  afterAll(async () => {
    client?.destroy();
    await proxy?.stop();
    await moto?.stop();
  });

  test('the SDK lists what was seeded', async () => {
    const { items = [] } = await sdk().send(new GetRestApisCommand({ limit: 500 }));
    expect(items.map((api) => [api.id, api.name, api.description ?? null]).sort()).toEqual(
      seeded?.apis.map((api) => [api.id, api.name, api.description]).sort(),
    );
    expect(seeded?.counts).toMatchObject({ apis: 12, stages: 24, plans: 4, unplanned: 3, keys: 2 });
  });

  test('the SDK meets a 429, a 403, HTML and a reset where the proxy puts them', async () => {
    const list = (): Promise<unknown> =>
      sdk()
        .send(new GetUsagePlansCommand({}))
        .then(
          (answer) => answer.items?.length,
          (error: unknown) => error,
        );
    const path = /^\/usageplans/;
    for (const action of [awsFaults.tooManyRequests, awsFaults.accessDenied, awsFaults.badGateway]) {
      proxy?.fault({ method: 'GET', path, times: 1, action });
    }
    proxy?.fault({ path, times: 1, action: { kind: 'reset', when: 'after' } });
    expect(await list()).toMatchObject({ name: 'TooManyRequestsException' });
    expect(await list()).toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
    expect(await list()).toMatchObject({ name: 'SyntaxError', $metadata: { httpStatusCode: 502 } });
    expect(String(await list())).toContain('ECONNRESET');
    expect(await list()).toBe(4);
    expect(proxy?.count('GET', path)).toBe(5);
  });

  test('forgets everything', async () => {
    await moto?.reset();
    expect((await sdk().send(new GetRestApisCommand({}))).items ?? []).toEqual([]);
  });
});
