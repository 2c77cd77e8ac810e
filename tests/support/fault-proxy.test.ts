import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { awsFaults, startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';

/** An upstream that notes what it executed and answers with what it got. */
async function startUpstream() {
  const executed: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      executed.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(201, { 'content-type': 'text/plain', connection: 'close' });
      response.end(`got ${Buffer.concat(chunks).toString()}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    executed,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let proxy: FaultProxy;

beforeEach(async () => {
  upstream = await startUpstream();
  proxy = await startFaultProxy({ target: upstream.url });
});

afterEach(async () => {
  await proxy.stop();
  await upstream.stop();
});

const get = (path: string): Promise<Response> => fetch(proxy.url + path);
const post = (path: string, body: string): Promise<Response> =>
  fetch(proxy.url + path, { method: 'POST', body });
/** "reset" or "answered"; a reset shows as an error whose cause has the code. */
const outcome = (call: Promise<Response>): Promise<string> =>
  call.then(
    () => 'answered',
    (error: unknown) => String((error as { cause?: { code?: unknown } }).cause?.code),
  );

describe('fault proxy', () => {
  test('a fault of a region hits what is signed for it, whatever the service', async () => {
    const fault = proxy.fault({ region: 'eu-west-2', action: awsFaults.tooManyRequests });
    const signed = async (region: string, service: string): Promise<number> => {
      const authorization = `AWS4-HMAC-SHA256 Credential=AKIA/20261130/${region}/${service}/aws4_request, Signature=x`;
      return (await fetch(`${proxy.url}/restapis`, { headers: { authorization } })).status;
    };
    expect(await signed('eu-west-1', 'apigateway')).toBe(201);
    expect(await signed('eu-west-2', 'apigateway')).toBe(429);
    expect(await signed('eu-west-2', 'sts')).toBe(429);
    expect((await get('/restapis')).status).toBe(201);
    expect(fault.hits()).toBe(2);
  });

  test('passes method, path, query, body and answer through, and keeps count', async () => {
    const response = await post('/apikeys?mode=import', 'ü;;{}');
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      201,
      'text/plain',
      'got ü;;{}',
    ]);
    expect(upstream.executed).toEqual(['POST /apikeys?mode=import']);
    expect(proxy.requests()).toEqual([{ method: 'POST', path: '/apikeys?mode=import', outcome: 201 }]);
    expect(proxy.count('POST', /^\/apikeys/)).toBe(1);
    expect(proxy.count('GET', /^\/apikeys/)).toBe(0);
  });

  test('answers in the place of the upstream, so many times, then lets through', async () => {
    const { tooManyRequests, accessDenied, badGateway } = awsFaults;
    const fault = proxy.fault({ method: 'GET', path: /^\/usageplans/, times: 2, action: tooManyRequests });
    const first = await get('/usageplans?limit=500');
    expect([first.status, first.headers.get('x-amzn-errortype')]).toEqual([429, 'TooManyRequestsException']);
    expect((await post('/usageplans', '')).status).toBe(201);
    expect((await get('/usageplans')).status).toBe(429);
    expect((await get('/usageplans')).status).toBe(201);
    expect(fault.hits()).toBe(2);

    proxy.fault({ times: 1, action: accessDenied });
    proxy.fault({ times: 1, action: badGateway });
    expect(await (await get('/')).json()).toEqual({ Message: expect.stringContaining('not authorized') });
    expect(await (await get('/')).text()).toMatch(/^<html>/);
    expect(upstream.executed).toEqual(['POST /usageplans', 'GET /usageplans']);
  });

  test('resets before or after the upstream has executed', async () => {
    proxy.fault({ path: /before/, action: { kind: 'reset', when: 'before' } });
    proxy.fault({ path: /after/, action: { kind: 'reset', when: 'after' } });
    expect(await outcome(post('/before', 'x'))).toBe('ECONNRESET');
    expect(upstream.executed).toEqual([]);
    expect(await outcome(post('/after', 'x'))).toBe('ECONNRESET');
    expect(upstream.executed).toEqual(['POST /after']);
    expect(proxy.requests().map((one) => one.outcome)).toEqual(['reset', 'reset']);
    proxy.release();
    expect(await outcome(post('/after', 'x'))).toBe('answered');
  });

  test('lets requests hang until released, before or after execution', async () => {
    const before = proxy.fault({ path: /before/, action: { kind: 'hang', when: 'before' } });
    const held = get('/before');
    await before.reached;
    expect(upstream.executed).toEqual([]);
    before.release();
    expect((await held).status).toBe(201);

    const after = proxy.fault({ path: /after/, action: { kind: 'hang', when: 'after' } });
    let answered = false;
    const lost = get('/after').then((response) => {
      answered = true;
      return response.status;
    });
    await after.reached;
    expect((await get('/other')).status).toBe(201);
    expect(answered).toBe(false);
    after.release();
    expect(await lost).toBe(201);
    expect(upstream.executed).toContain('GET /after');
  });

  test('delays', async () => {
    proxy.fault({ path: /slow/, action: { kind: 'delay', ms: 80 } });
    const slow = get('/slow').then(() => 'slow');
    const quick = get('/quick').then(() => 'quick');
    expect(await Promise.race([slow, quick])).toBe('quick');
    expect(await slow).toBe('slow');
  });

  test('stops while a request hangs, and when the upstream is away', async () => {
    const fault = proxy.fault({ action: { kind: 'hang', when: 'before' } });
    const held = outcome(get('/held'));
    await fault.reached;
    await proxy.stop();
    expect(await held).not.toBe('answered');

    await upstream.stop();
    proxy = await startFaultProxy({ target: upstream.url });
    expect(await outcome(get('/'))).not.toBe('answered');
  });
});
