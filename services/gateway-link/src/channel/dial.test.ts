import { describe, expect, it } from '@jest/globals';
import { AgentConfig } from '@federation-agent/contracts';
import { exchangeUrl, shownEndpoint } from './dial.ts';
import { tlsOptions } from './tls.ts';

const ssl = (value: object) =>
  AgentConfig.parse({ integration: { connector: { ws: { ssl: value } } } }).integration.connector.ws;

describe('the address', () => {
  it.each([
    [
      'https://apim.example.com/integration-controller',
      'wss://apim.example.com/integration-controller/exchange/controller',
    ],
    ['http://localhost:8072/', 'ws://localhost:8072/exchange/controller'],
    ['wss://apim.example.com//', 'wss://apim.example.com/exchange/controller'],
    ['ws://localhost:8072', 'ws://localhost:8072/exchange/controller'],
    ['https://apim.example.com/a/?tenant=1#x', 'wss://apim.example.com/a/exchange/controller?tenant=1'],
  ])('%s', (endpoint, expected) => {
    expect(exchangeUrl(endpoint).href).toBe(expected);
  });

  it('is shown without password and query', () => {
    expect(shownEndpoint('https://user:s3cret@apim.example.com/a/?token=s3cret')).toBe(
      'https://apim.example.com/a',
    );
  });
});

describe('TLS', () => {
  it('checks everything unless told otherwise', () => {
    expect(tlsOptions(ssl({}))).toStrictEqual({ rejectUnauthorized: true });
    expect(tlsOptions(ssl({ trustAll: true })).rejectUnauthorized).toBe(false);
    const lax = tlsOptions(ssl({ verifyHost: false }));
    expect(lax.rejectUnauthorized).toBe(true);
    expect(lax.checkServerIdentity).toBeDefined();
  });

  it.each([
    [{ truststore: { type: 'JKS', path: '/x.jks' } }, /ws\.ssl\.truststore\.path: \/x\.jks does not exist/u],
    [
      { keystore: { path: 'package.json' } },
      /ws\.ssl\.keystore\.path: package\.json is not JKS, PKCS12 or PEM/u,
    ],
  ])('refuses %j with the key in the message', (value, message) => {
    expect(() => tlsOptions(ssl(value))).toThrow(message);
  });
});
