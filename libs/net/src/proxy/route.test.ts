/** Which proxy leads where, by configuration and environment. */
import { describe, expect, it } from '@jest/globals';
import { AgentConfig, checkAgentConfig } from '@federation-agent/contracts';
import { internetRoute, connectorRoute } from './route.ts';

const config = (proxy: object, system: object = {}): AgentConfig =>
  AgentConfig.parse({ integration: { connector: { ws: { proxy } } }, system: { proxy: system } });
const apim = 'wss://apim.example.com/exchange/controller';
const aws = 'https://apigateway.eu-west-1.amazonaws.com:443';
const own = { enabled: 'true', host: 'own.example.com', username: 'bob', password: 'pw' };
const system = { host: 'system.example.com', type: 'socks5', port: '1080' };
const env = { HTTPS_PROXY: 'http://env.example.com:8080' };

describe('the way to APIM', () => {
  it('is direct when nothing says otherwise, whatever the environment', () => {
    expect(connectorRoute(config({}, system), env)).toBeUndefined();
    expect(connectorRoute(config({ ...own, enabled: 'false' }), env)).toBeUndefined();
    expect(connectorRoute(config({ host: 'own.example.com' }), env)).toBeUndefined();
  });

  it("is the connector's own proxy, also to loopback and to what NO_PROXY names", () => {
    const route = connectorRoute(config(own, system), { ...env, NO_PROXY: '*' });
    const server = { type: 'HTTP', host: 'own.example.com', port: 3128, username: 'bob', password: 'pw' };
    expect(route?.(apim)).toMatchObject({ ...server, from: 'integration.connector.ws.proxy' });
    expect(route?.('ws://127.0.0.1:8072')).toMatchObject(server);
  });

  it('with useSystemProxy it is that of the system, before that of the environment', () => {
    const route = connectorRoute(config({ ...own, useSystemProxy: 'true' }, system), env);
    expect(route?.(apim)).toMatchObject({ type: 'SOCKS5', host: 'system.example.com', port: 1080 });
    expect(connectorRoute(config({ useSystemProxy: true }), env)?.(apim)).toMatchObject({
      type: 'HTTP',
      host: 'env.example.com',
      port: 8080,
      from: 'HTTPS_PROXY',
    });
    expect(connectorRoute(config({ enabled: false, useSystemProxy: true }), env)).toBeUndefined();
  });

  it('the system proxy is not asked for loopback, nor for what NO_PROXY names', () => {
    for (const given of [config({ useSystemProxy: true }), config({ useSystemProxy: true }, system)]) {
      const route = connectorRoute(given, { ...env, no_proxy: '.internal' });
      expect(route?.(apim)).toBeDefined();
      expect(route?.('wss://apim.internal')).toBeUndefined();
      expect(route?.('wss://localhost:8072')).toBeUndefined();
      expect(route?.('wss://[::1]:8072')).toBeUndefined();
    }
  });

  it('useSystemProxy without one is said, with what to set', () => {
    expect(() => connectorRoute(config({ useSystemProxy: true }), { HTTPS_PROXY: ' ' })).toThrow(
      /^integration\.connector\.ws\.proxy\.useSystemProxy: .*system\.proxy\.host, or HTTPS_PROXY/u,
    );
  });

  it('an enabled proxy without a host is a mistake', () => {
    const line = /^integration\.connector\.ws\.proxy\.host: required/u;
    const lines = (proxy: object) => checkAgentConfig(config(proxy)).filter((one) => line.test(one));
    expect(lines({ enabled: true })).toHaveLength(1);
    expect(lines({ enabled: true, useSystemProxy: true })).toHaveLength(0);
    expect(lines(own)).toHaveLength(0);
  });
});

describe('the way to AWS', () => {
  it('is that of the environment; the own proxy of the connector leads to APIM only', () => {
    expect(internetRoute(config(own, system), {})).toBeUndefined();
    expect(internetRoute(config(own), env)?.(aws)).toMatchObject({ host: 'env.example.com' });
    expect(internetRoute(config({}), { ...env, NO_PROXY: 'amazonaws.com' })?.(aws)).toBeUndefined();
    expect(internetRoute(config({}), env)?.('https://127.0.0.1:4566')).toBeUndefined();
  });

  it('with useSystemProxy it is that of the system', () => {
    expect(internetRoute(config({ useSystemProxy: true }, system), env)?.(aws)).toMatchObject({
      host: 'system.example.com',
      from: 'system.proxy',
    });
    expect(internetRoute(config({ useSystemProxy: true }), {})).toBeUndefined();
    const off = config({ enabled: false, useSystemProxy: true }, system);
    expect(internetRoute(off, env)?.(aws)).toMatchObject({ host: 'env.example.com' });
  });
});

describe('the environment', () => {
  const to = (variables: Record<string, string>, url = aws) => internetRoute(config({}), variables)?.(url);

  it('small letters outrank capital ones, the scheme chooses, ALL_PROXY is for both', () => {
    expect(to({ ...env, https_proxy: 'small.example.com' })).toMatchObject({ host: 'small.example.com' });
    expect(to({ HTTP_PROXY: 'http://plain:1' })).toBeUndefined();
    expect(to({ HTTP_PROXY: 'http://plain:1' }, 'http://aws.test')).toMatchObject({ host: 'plain', port: 1 });
    expect(to({ ALL_PROXY: 'socks5://all' })).toMatchObject({ type: 'SOCKS5', host: 'all', port: 1080 });
  });

  it.each([
    ['proxy.example.com:3128', { type: 'HTTP', host: 'proxy.example.com', port: 3128 }],
    ['http://proxy.example.com', { type: 'HTTP', port: 80 }],
    ['https://proxy.example.com', { type: 'HTTPS', port: 443 }],
    ['socks4://proxy.example.com', { type: 'SOCKS4', port: 1080 }],
    ['socks5h://proxy.example.com:9', { type: 'SOCKS5', port: 9 }],
    ['http://[fd00::1]:3128', { host: 'fd00::1' }],
    ['http://b%40b:p%3Aw@proxy:1', { username: 'b@b', password: 'p:w' }],
    ['http://bob:100%@proxy:1', { username: 'bob', password: '100%' }],
  ])('%s', (value, expected) => {
    expect(to({ HTTPS_PROXY: value })).toMatchObject(expected);
  });

  it.each(['ftp://bob:s3cret@proxy', 'http://', '::::'])('%s is a mistake, said without it', (value) => {
    expect(() => to({ HTTPS_PROXY: value })).toThrow(/^HTTPS_PROXY: must be the URL of a proxy/u);
    expect(() => to({ HTTPS_PROXY: value })).not.toThrow(/s3cret/u);
  });
});
