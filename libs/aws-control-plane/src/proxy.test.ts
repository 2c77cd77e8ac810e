/** All AWS calls go through the proxy, with host names that only the proxy knows. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProxyServer } from '@federation-agent/net';
import { type ForwardProxy, startForwardProxy } from '@federation-agent/net/test';
import { failureOf, startTestPlanes, type TestPlane, type TestPlanes } from '../test/planes.ts';

const account = '123456789012';
const answers = {
  AssumeRole:
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>' +
    '<AccessKeyId>ASIATEST</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>' +
    '<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
  GetCallerIdentity:
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
    `<Arn>arn:aws:sts::${account}:assumed-role/agent/x</Arn><Account>${account}</Account></GetCallerIdentityResult>` +
    '</GetCallerIdentityResponse>',
} as const;

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    const action = /Action=(AssumeRole|GetCallerIdentity)\b/u.exec(body)?.[1] as
      keyof typeof answers | undefined;
    if (action) response.setHeader('content-type', 'text/xml').end(answers[action]);
    else response.setHeader('content-type', 'application/json').end('{"item":[]}');
  });
});
let planes: TestPlanes;
let port: number;
let proxy: ForwardProxy | undefined;

beforeAll(async () => {
  planes = await startTestPlanes();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  await planes.reset();
  await proxy?.stop();
  proxy = undefined;
});
afterAll(async () => {
  await planes.stop();
  server.close();
  server.closeAllConnections();
});

function open(server: Omit<ProxyServer, 'host' | 'from'>, more: object): TestPlane {
  const configuration = {
    region: 'eu-west-1',
    accessKeyId: 'AKIATEST',
    secretAccessKey: 'secret',
    endpointUrl: `http://apigateway.test:${port}`,
    stsEndpointUrl: `http://sts.test:${port}`,
    ...more,
  };
  return planes.open(configuration, {}, undefined, () => ({
    ...server,
    host: '127.0.0.1',
    from: 'HTTPS_PROXY',
  }));
}

describe.each(['HTTP', 'SOCKS4', 'SOCKS5'] as const)('%s', (type) => {
  test('the role, the identity and the API', async () => {
    const login = { username: 'bob', password: 'p:w' };
    proxy = await startForwardProxy({ type, login });
    const plane = open(
      { type, port: proxy.port, ...login },
      { roleArn: `arn:aws:iam::${account}:role/agent` },
    );
    const target = await plane.target();
    expect(target).toMatchObject({ account });
    expect(await target.reads.restApis('scan')).toEqual([]);
    expect(new Set(proxy.seen)).toEqual(new Set([`sts.test:${port}`, `apigateway.test:${port}`]));
  });
});

describe('a proxy that refuses is not AWS', () => {
  const key = { name: 'n', description: 'd', value: 'v'.repeat(40) };

  test.each([403, 404, 407])('%d: nothing was sent, and later it may work', async (status) => {
    proxy = await startForwardProxy({ type: 'HTTP' });
    const { keys } = await open({ type: 'HTTP', port: proxy.port }, {}).target();
    proxy.refuse(status);
    const error = await failureOf(keys.create(key));
    expect(error).toMatchObject({ code: 'aws-unavailable' });
    expect(String(error)).toMatch(/the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\)/u);
  });

  test('who we are is not known, and the proxy is said to be why', async () => {
    proxy = await startForwardProxy({ type: 'HTTP', refuse: 403 });
    const { ready, waiting } = await open({ type: 'HTTP', port: proxy.port }, {}).plane.targets();
    expect(ready).toEqual([]);
    expect(waiting[0]?.reason).toMatch(/the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 403/u);
  });
});
