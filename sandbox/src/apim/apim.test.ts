import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  encodeCommand,
  encodeReply,
  maxFrameBytes,
  parseFrame,
  succeeded,
} from '@federation-agent/contracts';
import WebSocket from 'ws';
import { type SandboxApim, startApim } from './index.ts';

/** The sandbox APIM behaves as measured on the real controller. A raw socket is the connector here. */
describe('the sandbox APIM', () => {
  let apim: SandboxApim;
  beforeEach(async () => {
    apim = await startApim({ jobDelayMs: 10, commandTimeoutMs: 500 });
  });
  afterEach(() => apim.stop());

  const get = async (path: string): Promise<Record<string, unknown>> =>
    (await fetch(`${apim.controlUrl}${path}`)).json() as Promise<Record<string, unknown>>;
  const post = async (path: string, body: object = {}): Promise<Record<string, unknown>> =>
    (
      await fetch(`${apim.controlUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json() as Promise<Record<string, unknown>>;
  const kinds = async (): Promise<unknown[]> =>
    ((await get('/events'))['events'] as { kind: string }[]).map((event) => event.kind);

  const dial = (token = 'secret-token'): WebSocket =>
    new WebSocket(`${apim.endpoint.replace('http', 'ws')}/exchange/controller`, {
      perMessageDeflate: false,
      headers: { authorization: `bearer ${token}`, 'x-gravitee-exchange-protocol': 'v1' },
    });
  const closed = (ws: WebSocket): Promise<{ code: number; reason: string }> =>
    new Promise((resolve) => ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
  const open = async (): Promise<WebSocket> => {
    const ws = dial();
    await new Promise((resolve) => ws.once('open', resolve));
    return ws;
  };
  const sayHello = (ws: WebSocket, targetId = 'integration-1'): void =>
    ws.send(encodeCommand({ id: 'h', type: 'HELLO', payload: { targetId, provider: 'aws-api-gateway' } }));
  /** Says HELLO and answers every command by `answer`, until the socket closes. */
  const connector = async (
    answer: (type: string) => Record<string, unknown> | undefined,
  ): Promise<WebSocket> => {
    const ws = await open();
    const greeted = new Promise<void>((resolve) =>
      ws.on('message', (data: Buffer) => {
        const frame = parseFrame(data);
        if (frame.kind === 'reply' && frame.reply.type === 'HELLO') resolve();
        if (frame.kind !== 'command') return;
        const { id, type } = frame.command;
        const payload = type === 'PRIMARY' ? {} : answer(type);
        if (payload) ws.send(encodeReply(succeeded(id, type, payload)));
      }),
    );
    sayHello(ws);
    await greeted;
    return ws;
  };

  it('refuses a wrong token with 401 at the upgrade', async () => {
    const refused = await new Promise<string>((resolve) =>
      dial('wrong').once('error', (error) => resolve(error.message)),
    );
    expect(refused).toContain('401');
    expect(await kinds()).toEqual(['upgrade-refused']);
  });

  it('leaves the socket of a refused HELLO open', async () => {
    const ws = await open();
    const reply = new Promise<Buffer>((resolve) => ws.once('message', (data: Buffer) => resolve(data)));
    sayHello(ws, 'nobody');
    expect((await reply).toString()).toContain('Integration [id=nobody] not found');
    expect(ws.readyState).toBe(WebSocket.OPEN);
  });

  it('closes with 1002 on a command before HELLO, a bad envelope, and 1003 on a text frame', async () => {
    const [early, bad, text] = await Promise.all([open(), open(), open()]);
    const closes = Promise.all([early, bad, text].map(closed));
    early.send(encodeCommand({ id: '1', type: 'INGEST', payload: {} }));
    bad.send(Buffer.from('x:COMMAND'));
    text.send('t:COMMAND;;et:HELLO;;e:{}');
    expect(await closes).toEqual([
      { code: 1002, reason: 'Hello Command is first expected to initialize the exchange channel' },
      { code: 1002, reason: 'Exchange message unknown' },
      { code: 1003, reason: 'Unsupported text frame' },
    ]);
  });

  it('ends the connection without a close frame at one byte more than 65,536 in a frame', async () => {
    const [fits, over] = await Promise.all([open(), open()]);
    fits.send(Buffer.alloc(maxFrameBytes, 'x'));
    expect(await closed(fits)).toMatchObject({ code: 1002 });
    over.send(Buffer.alloc(maxFrameBytes + 1, 'x'));
    expect(await closed(over)).toMatchObject({ code: 1006 });
  });

  it('drops what it cannot read in silence: `;;` in the JSON, an unknown enum value', async () => {
    const ws = await connector(() => undefined);
    const api = { uniqueId: 'a', id: 'a', name: 'a;;b', pages: [], plans: [], metadata: [], type: 'PROXY' };
    const ingest = (payload: object): Buffer =>
      Buffer.from(`t:COMMAND;;et:INGEST;;e:${JSON.stringify({ id: 'i', type: 'INGEST', payload })}`);
    ws.send(ingest({ ingestJobId: 'j', apis: [api], done: false }));
    ws.send(ingest({ ingestJobId: 'j', apis: [{ ...api, name: 'a', type: 'OTHER' }], done: false }));
    ws.send(ingest({ ingestJobId: 'j', apis: [], done: true }));
    const answered = await new Promise<Buffer>((resolve) =>
      ws.once('message', (data: Buffer) => resolve(data)),
    );
    expect(answered.toString()).toContain('"commandStatus":"SUCCEEDED"');
    expect((await kinds()).filter((kind) => kind === 'unreadable')).toHaveLength(2);
  });

  it('sends PRIMARY to the first channel only, and commands to one of them until it leaves', async () => {
    const seen: string[] = [];
    const first = await connector(
      (type) => (seen.push(`first ${type}`), { apis: [], isPartialDiscovery: false }),
    );
    await connector((type) => (seen.push(`second ${type}`), { apis: [], isPartialDiscovery: false }));
    await post('/integrations/integration-1/discover');
    first.terminate();
    await closed(first);
    await expect(post('/integrations/integration-1/discover')).resolves.toMatchObject({
      commandStatus: 'SUCCEEDED',
    });
    expect(seen).toEqual(['first DISCOVER', 'second DISCOVER']);
    const { channels } = await get('/integrations/integration-1/channels');
    expect(channels).toEqual([expect.objectContaining({ primary: true })]);
  });

  it('reads a reply without payload or status, as ERROR, and a body of any content type', async () => {
    const ws = await connector(() => undefined);
    ws.on('message', (data: Buffer) => {
      const frame = parseFrame(data);
      if (frame.kind !== 'command') return;
      const { id, type } = frame.command;
      ws.send(
        Buffer.from(`t:REPLY;;et:${type};;e:${JSON.stringify({ commandId: id, type, errorDetails: 'no' })}`),
      );
    });
    const url = `${apim.controlUrl}/integrations/integration-1/command`;
    const response = await fetch(url, { method: 'POST', body: '{"type":"DISCOVER"}' });
    await expect(response.json()).resolves.toMatchObject({ commandStatus: 'ERROR', errorDetails: 'no' });
    expect(await kinds()).not.toContain('unreadable');
  });

  it('times a command out, and fails what is pending at once when the socket closes', async () => {
    const ws = await connector(() => undefined);
    await expect(post('/integrations/integration-1/discover')).resolves.toMatchObject({
      error: expect.stringContaining('no reply'),
    });
    const pending = post('/integrations/integration-1/discover');
    await new Promise((resolve) => ws.once('message', resolve));
    await post('/integrations/integration-1/drop', { reset: true });
    await expect(pending).resolves.toMatchObject({
      error: expect.stringContaining('ChannelClosedException'),
    });
    await expect(post('/integrations/integration-1/discover')).resolves.toMatchObject({
      error: 'NoChannelFoundException',
    });
  });

  it('takes an ingest in, and deletes a plan that a later one no longer lists with its subscriptions', async () => {
    const ws = await connector((type) => {
      if (type === 'START_INGEST') return { ingestJobId: 'x', total: 1 };
      if (type === 'SUBSCRIBE') {
        return { subscription: { graviteeSubscriptionId: 's', metadata: { k: 'v' }, apiKey: 'the key' } };
      }
      return {};
    });
    const plan = { id: 'p', name: 'p', description: '', planSecurityType: 'API_KEY', characteristics: [] };
    const ingest = async (plans: object[]): Promise<void> => {
      const { jobId } = await post('/integrations/integration-1/ingest');
      const created = async (): Promise<boolean> =>
        (await get(`/integrations/integration-1/ingest/${String(jobId)}`))['created'] === true;
      while (!(await created()));
      const api = { uniqueId: 'a', id: 'a', name: 'a', type: 'PROXY', pages: [], plans, metadata: [] };
      ws.send(
        encodeCommand({ id: 'i', type: 'INGEST', payload: { ingestJobId: jobId, apis: [api], done: true } }),
      );
      while ((await get(`/integrations/integration-1/ingest/${String(jobId)}`))['status'] === 'PENDING');
    };
    await ingest([plan]);
    const subscription = await post('/integrations/integration-1/subscriptions', { apiId: 'a', planId: 'p' });
    expect(subscription).toMatchObject({ status: 'ACCEPTED', apiKey: 'the key', metadata: { k: 'v' } });
    await ingest([]);
    const { deletedPlans } = await get('/integrations/integration-1/apis');
    expect(deletedPlans).toEqual([{ uniqueId: 'a', planId: 'p', subscriptions: [subscription['id']] }]);
  });
});
