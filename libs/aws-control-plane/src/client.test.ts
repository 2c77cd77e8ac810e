/** Answers that AWS itself would not send: a server in this test answers whatever it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { failureOf, startTestPlanes, type TestPlane, type TestPlanes } from '../test/planes.ts';

let planes: TestPlanes;
let url: string;
let answer: RequestListener = () => undefined;
const seen: {
  method: string;
  path: string;
  body: string;
  headers: IncomingMessage['headers'];
  port: number;
}[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url: path = '', headers, socket } = request;
    if (method === 'POST' && path === '/') {
      // STS does not matter here.
      response.end(
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
      return;
    }
    seen.push({
      method,
      path,
      headers,
      body: Buffer.concat(chunks).toString(),
      port: socket.remotePort ?? 0,
    });
    answer(request, response);
  });
});

beforeAll(async () => {
  planes = await startTestPlanes();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await planes.stop();
  server.close();
  server.closeAllConnections();
});
afterEach(async () => {
  seen.length = 0;
  await planes.reset();
});

const targets = [{ accountId: '123456789012', regions: 'eu-west-1' }];
const open = (given: object = {}): TestPlane =>
  planes.open({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret', endpointUrl: url, targets, ...given });
function reply(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): (response: ServerResponse) => void {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
/** Gives these answers in turn; the last one forever. */
function answers(...replies: ((response: ServerResponse) => void)[]): void {
  let next = 0;
  answer = (_request, response) => {
    replies[Math.min(next, replies.length - 1)]?.(response);
    next += 1;
  };
}
/** Sets an environment variable while `run` runs. */
async function withEnvironment(name: string, value: string, run: () => Promise<void>): Promise<void> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    await run();
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before;
  }
}
const key = { name: 'n', description: 'd', value: 'v'.repeat(40) };

describe('a list', () => {
  test('that gives the same token again is unreadable, not endless', async () => {
    answers(
      reply(200, '{"item":[],"position":"a"}'),
      reply(200, '{"item":[],"position":"b"}'),
      reply(200, '{"item":[],"position":"a"}'),
    );
    const { reads } = await open().target();
    const error = await failureOf(reads.usagePlans('scan'));
    expect(error).toMatchObject({ code: 'aws-unreadable-answer' });
    expect(seen.map(({ path }) => path).slice(0, 3)).toEqual([
      '/usageplans?limit=500',
      '/usageplans?limit=500&position=a',
      '/usageplans?limit=500&position=b',
    ]);
  });

  test.each(['{}', '{"message":"Internal server error"}', '{"items":[]}', '<html></html>', ''])(
    '200 with %j is never "no usage plans"',
    async (body) => {
      answers(reply(200, body));
      const { reads } = await open().target();
      expect(await failureOf(reads.usagePlans('scan'))).toMatchObject({ code: 'aws-unreadable-answer' });
      expect(seen).toHaveLength(3);
    },
  );

  test('waits for Retry-After; one beyond its time-out is left to the caller', async () => {
    const { reads } = await open().target();
    answers(reply(503, '', { 'retry-after': '1' }), reply(200, '{"item":[]}'));
    const from = Date.now();
    expect(await reads.usagePlans('scan')).toEqual([]);
    expect(Date.now() - from).toBeGreaterThanOrEqual(990);
    seen.length = 0;
    answers(reply(503, '', { 'retry-after': '3600' }));
    expect(await failureOf(reads.usagePlans('scan'))).toMatchObject({
      code: 'aws-unavailable',
      retryAfterMs: 3_600_000,
    });
    expect(seen).toHaveLength(1);
  });

  test('403 with XML, as moto has it, is a denial', async () => {
    answers(
      reply(403, '<Response><Errors><Error><Code>AccessDenied</Code></Error></Errors></Response>', {
        'content-type': 'text/xml',
      }),
    );
    const { reads } = await open().target();
    expect(await failureOf(reads.restApis('scan'))).toMatchObject({
      code: 'aws-denied',
      action: 'apigateway:GET',
    });
  });
});

test('AWS_ENDPOINT_URL_API_GATEWAY names another endpoint, as everywhere with AWS', () =>
  withEnvironment('AWS_ENDPOINT_URL_API_GATEWAY', url, async () => {
    answers(reply(200, '{"item":[]}'));
    const plane = planes.open({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret', targets });
    expect(await (await plane.target()).reads.restApis('scan')).toEqual([]);
    expect(seen).toHaveLength(1);
  }));

describe('a change', () => {
  test('is sent on a connection of its own when it creates; deletes and reads keep theirs', async () => {
    answers(reply(201, '{"id":"k1"}'));
    const { keys } = await open().target();
    for (let n = 0; n < 2; n += 1) await keys.create(key);
    const [first, second] = seen.map(({ port }) => port);
    expect(first).not.toBe(second);
    seen.length = 0;
    for (let n = 0; n < 2; n += 1) await keys.attach('p', 'k1');
    expect(new Set(seen.map(({ port }) => port)).size).toBe(1);
  });

  test('says exactly what AWS needs: enabled, no tags; CSV with quotes; the key type', async () => {
    answers(
      reply(201, '{"id":"k1"}'),
      reply(201, '{"ids":["k1"],"warnings":[]}'),
      reply(201, '{"id":"k1"}'),
      reply(202, ''),
    );
    const { keys } = await open().target();
    await keys.create(key);
    await keys.import({ ...key, enabled: false });
    await keys.attach('p/1', 'k1');
    await keys.delete('k1');
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /apikeys',
      'POST /apikeys?failonwarnings=true&format=csv&mode=import',
      'POST /usageplans/p%2F1/keys',
      'DELETE /apikeys/k1',
    ]);
    expect(seen[1]?.body).toBe(`Name,Key,Description,Enabled\r\n"n","${key.value}","d","false"\r\n`);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      name: 'n',
      description: 'd',
      value: key.value,
      enabled: true,
    });
    expect(JSON.parse(seen[2]?.body ?? '')).toEqual({ keyId: 'k1', keyType: 'API_KEY' });
    expect(
      seen.every(({ headers }) => headers['authorization']?.includes('/eu-west-1/apigateway/aws4_request')),
    ).toBe(true);
  });

  test('200 with a page of a proxy is not a deleted key, and its 404 is not a gone one', async () => {
    const { keys } = await open().target();
    answers(reply(200, '<html></html>', { 'content-type': 'text/html' }));
    expect(await failureOf(keys.delete('k1'))).toMatchObject({ code: 'aws-unreadable-success' });
    answers(reply(404, '<html></html>', { 'content-type': 'text/html' }));
    expect(await failureOf(keys.delete('k1'))).toMatchObject({ code: 'aws-answer-lost' });
    expect(seen).toHaveLength(2);
  });

  test('a server that ends in the middle of the answer, and one that is not there', async () => {
    answers((response) => {
      response
        .writeHead(201, { 'content-type': 'application/json', 'content-length': '100' })
        .write('{"id":');
      response.socket?.end();
    });
    const { keys } = await open().target();
    expect(await failureOf(keys.create(key))).toMatchObject({ code: 'aws-answer-lost' });
    const nobody = await open({ endpointUrl: 'http://127.0.0.1:1' }).target();
    expect(await failureOf(nobody.keys.create(key))).toMatchObject({ code: 'aws-unavailable' });
  });
});
