import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { afterEach, describe, expect, test } from '@jest/globals';
import { tlsFixture } from '@federation-agent/net/test';
import { maxFailures, refillMs } from './failed-logins.ts';
import {
  admin,
  configOf,
  metricsOn,
  open,
  serve,
  stopAll,
  SwitchedOff,
  withAdmin,
} from '../../test/serve.ts';

const secrets = ['adminadmin', 's3cret-key', 't0k3n', 'n4ts-pass'];

afterEach(stopAll);

describe('who may', () => {
  test('without users: health answers, all else says which key to set', async () => {
    const { get } = await serve();
    expect((await get('/_node/health')).status).toBe(200);
    expect((await get('/_node/health/?probes=http-server')).status).toBe(200);
    for (const path of [
      '/_node',
      '/_node/configuration',
      '/_node/logging',
      '/_node/healthy',
      '/_node/none',
    ]) {
      const response = await get(path, admin);
      expect([path, response.status]).toEqual([path, 403]);
      expect(await response.text()).toContain('set services.core.http.authentication.users.<name>');
    }
    expect((await get('/healthz')).status).toBe(200);
  });

  test('with users: their passwords and nothing else, health included', async () => {
    const { get, telemetry } = await serve(withAdmin);
    const asked = await get('/_node/health');
    expect(asked.status).toBe(401);
    expect(asked.headers.get('www-authenticate')).toBe('Basic realm="federation-agent", charset="UTF-8"');
    for (const user of ['admin:adminadmi', 'admin:', 'nobody:adminadmin', ':adminadmin']) {
      expect([user, (await get('/_node', { user })).status]).toEqual([user, 401]);
    }
    for (const path of ['/_node', '/_node/', '/_node/health', '/_node/configuration', '/_node/logging']) {
      expect([path, (await get(path, admin)).status]).toEqual([path, 200]);
    }
    expect((await get('/_node/none')).status).toBe(401);
    expect(JSON.stringify(telemetry.lines())).toContain('a login to the node API failed');
    expect(JSON.stringify(telemetry.lines())).not.toContain('adminadmi');
  });

  test('type none opens it', async () => {
    const { get } = await serve(open);
    expect((await get('/_node/configuration')).status).toBe(200);
  });

  test('a page of another site changes nothing with the password that a browser remembers', async () => {
    const { url } = await serve(withAdmin);
    const post = (site: string): Promise<Response> =>
      fetch(`${url}/_node/logging`, {
        method: 'POST',
        body: '{}',
        headers: { authorization: `Basic ${btoa(admin.user)}`, 'sec-fetch-site': site },
      });
    expect((await post('cross-site')).status).toBe(403);
    expect((await post('same-site')).status).toBe(403);
    expect((await post('same-origin')).status).toBe(200);
  });

  test('whoever is wrong too often waits, also with the right password; asking without one costs nothing', async () => {
    const { get, pass } = await serve(withAdmin);
    for (let index = 0; index < maxFailures; index += 1) {
      expect((await get('/_node')).status).toBe(401);
      expect((await get('/_node', { user: `admin:${index}` })).status).toBe(401);
    }
    const refused = await get('/_node', admin);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe(String(refillMs / 1_000));
    expect((await get('/healthz')).status).toBe(200);
    pass(refillMs);
    expect((await get('/_node', admin)).status).toBe(200);
    expect((await get('/_node', { user: 'admin:x' })).status).toBe(401);
    expect((await get('/_node', admin)).status).toBe(429);
  });
});

describe('what it says', () => {
  test('/_node: what this process is', async () => {
    const { get, pass } = await serve(open);
    pass(61_400);
    expect(await (await get('/_node')).json()).toEqual({
      id: 'gateway-link-1',
      name: 'gateway-link',
      version: { MAJOR_VERSION: '1.2.3' },
      uptime: 61,
      services: ['gateway-link'],
    });
  });

  test('/_node/health: a body per probe, 500 while one of those asked for is down', async () => {
    const { get, health } = await serve(open);
    health.set('broker', { status: 'up', required: true, data: { server: '2.11.0' } });
    health.set('aws:one:123/eu-west-1', { status: 'degraded', detail: 'denied' });
    expect((await get('/_node/health')).status).toBe(200);
    health.set('apim:one', { status: 'down', detail: 'refused' });
    const all = await get('/_node/health');
    expect(all.status).toBe(500);
    expect(await all.json()).toEqual({
      'http-server': { healthy: true, status: 'up' },
      'apim:one': { healthy: false, status: 'down', message: 'refused' },
      'aws:one:123/eu-west-1': { healthy: true, status: 'degraded', message: 'denied' },
      broker: { healthy: true, status: 'up', required: true, data: { server: '2.11.0' } },
    });
    const some = await get('/_node/health?probes=http-server,broker');
    expect(some.status).toBe(200);
    expect(Object.keys((await some.json()) as object)).toEqual(['http-server', 'broker']);
    expect((await get('/_node/health?probes=apim')).status).toBe(500);
    expect((await get('/_node/health?probes=none')).status).toBe(404);
  });

  test('/_node/configuration: what holds, key by key, without a secret', async () => {
    const { get } = await serve({ ...withAdmin, gravitee_federation_log_loggers_broker: 'debug' });
    const text = await (await get('/_node/configuration', admin)).text();
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(JSON.parse(text)).toMatchObject({
      'federation.broker.url': 'nats://me:[redacted]@127.0.0.1:4222',
      'federation.log.level': 'info',
      'federation.log.loggers.broker': 'debug',
      'federation.sealingKey': '********',
      'integration.connector.ws.headers[0].name': 'Authorization',
      'integration.connector.ws.headers[0].value': '********',
      'integration.providers[0].configuration.region[0]': 'eu-west-1',
      'integration.providers[0].configuration.secretAccessKey': '********',
      'services.core.http.authentication.users.admin': '********',
      'services.core.http.port': '0',
    });
  });

  test('/_node/logging: levels are seen and changed, all and one, at once', async () => {
    const { get, telemetry } = await serve(open);
    const area = telemetry.log.child({ logger: 'broker' });
    const post = (body: string) => get('/_node/logging', { method: 'POST', body });
    expect(await (await get('/_node/logging')).json()).toMatchObject({
      ROOT: 'DEBUG',
      'gateway-link': 'DEBUG',
    });
    const changed = await post('{"ROOT": "WARN", "gateway-link.broker": "TRACE"}');
    expect(await changed.json()).toMatchObject({
      ROOT: 'WARN',
      'gateway-link': 'WARN',
      'gateway-link.broker': 'TRACE',
      'gateway-link.http': 'WARN',
    });
    telemetry.log.info('unheard');
    area.trace('heard');
    await post('{"ROOT": null, "gateway-link.broker": ""}');
    area.trace('unheard');
    telemetry.log.debug('heard again');
    const said = telemetry.lines().map(({ msg }) => msg);
    expect(said).toEqual(expect.arrayContaining(['heard', 'heard again']));
    expect(said).not.toContain('unheard');
  });

  test('/_node/logging: a mistake changes nothing', async () => {
    const { get } = await serve(open);
    const before = await (await get('/_node/logging')).text();
    for (const [body, why] of [
      ['{"ROOT": "ERROR", "gatway-link": "INFO"}', 'there is no logger gatway-link; there are ROOT, '],
      ['{"ROOT": "LOUD"}', 'the level of ROOT must be one of trace, debug'],
      ['[1]', 'send an object'],
      ['{"ROOT', 'send an object'],
      ['', 'send an object'],
    ] as const) {
      const response = await get('/_node/logging', { method: 'POST', body });
      expect([body, response.status]).toEqual([body, 400]);
      expect(await response.text()).toContain(why);
    }
    expect(await (await get('/_node/logging')).text()).toBe(before);
  });

  test('metrics: only when both keys are on, with a password and without', async () => {
    const off = await serve({ ...open, gravitee_services_metrics_enabled: 'true' });
    expect((await off.get('/_node/metrics/prometheus')).status).toBe(404);
    expect((await off.get('/metrics')).status).toBe(404);
    const on = await serve({ ...withAdmin, ...metricsOn });
    expect(await (await on.get('/metrics')).text()).toContain('process_cpu_seconds_total');
    expect((await on.get('/_node/metrics/prometheus')).status).toBe(401);
    expect(await (await on.get('/_node/metrics/prometheus', admin)).text()).toContain('nodejs_version_info');
  });
});

test('switched off, nothing is served', async () => {
  await expect(serve({ gravitee_services_core_http_enabled: 'false' })).rejects.toThrow(SwitchedOff);
});

describe('manners', () => {
  test('HEAD, 404, 405 and what is too large: JSON, no stack, no name of the server', async () => {
    const { get } = await serve(open);
    const head = await get('/_node/health', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const missing = await get('/nothing?here=1');
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { error: 'Not Found', message: 'there is no /nothing' },
    ]);
    expect(missing.headers.has('server')).toBe(false);
    const wrong = await get('/_node/logging', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect((await get('/healthz', { method: 'POST', body: '{}' })).status).toBe(405);
    const large = await get('/_node/logging', { method: 'POST', body: 'x'.repeat(20_000) });
    expect(large.status).toBe(413);
    expect(await large.text()).not.toMatch(/\.ts:|node_modules/u);
  });

  test.each([
    ['PEM', 'server.pem', true],
    ['PKCS12', 'keystore-java17.p12', false],
  ])('secured: TLS with the keystore, %s', async (type, name, isOfServer) => {
    const { url } = await serve({
      gravitee_services_core_http_secured: 'true',
      gravitee_services_core_http_ssl_keystore_type: type,
      gravitee_services_core_http_ssl_keystore_path: tlsFixture(name),
      gravitee_services_core_http_ssl_keystore_password: 'changeit',
    });
    expect(url).toMatch(/^https:/u);
    const ca = readFileSync(tlsFixture('private-ca.pem'));
    const status = await new Promise((resolve, reject) => {
      const options = {
        ca,
        checkServerIdentity: () => undefined,
        rejectUnauthorized: isOfServer,
        agent: false,
      };
      request(`${url}/healthz`, options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
  });
});

const secured = { gravitee_services_core_http_secured: 'true' };

describe('what cannot be', () => {
  test.each([
    [secured, 'services.core.http.ssl.keystore.path'],
    [
      { ...secured, gravitee_services_core_http_ssl_keystore_path: '/nowhere/store.p12' },
      'gravitee_services_core_http_ssl_keystore_path: /nowhere/store.p12 does not exist',
    ],
    [
      { gravitee_services_core_http_authentication_users_admin: `$2a$10$${'x'.repeat(53)}` },
      'not its bcrypt hash',
    ],
    [{ gravitee_services_core_http_authentication_type: 'jwt' }, 'must be one of basic, none'],
    [{ 'gravitee_federation_log_loggers_gateway-link': 'loud' }, 'must be one of fatal, error'],
  ])('%j', async (env, why) => {
    await expect(configOf(env)).rejects.toThrow(why);
  });
});
