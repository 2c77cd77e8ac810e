import { describe, expect, it } from '@jest/globals';
import { isExcludedFromProxy } from './no-proxy.ts';

describe('NO_PROXY', () => {
  it.each([
    ['*', 'https://apim.example.com'],
    ['apim.example.com', 'https://apim.example.com'],
    ['example.com', 'https://apim.example.com'],
    ['.example.com', 'https://apim.example.com'],
    ['*.example.com', 'https://apim.example.com'],
    ['localhost, EXAMPLE.com', 'wss://APIM.example.com/path'],
    ['a b\tapim.example.com', 'https://apim.example.com'],
    ['example.com:8443', 'https://apim.example.com:8443'],
    ['example.com:443', 'https://apim.example.com'],
    ['example.com:80', 'ws://apim.example.com'],
    ['.svc,.cluster.local', 'https://apim.gravitee.svc.cluster.local:8083'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['10.0.0.0/8', 'https://10.1.2.3:8443'],
    ['fd00::/8', 'https://[fd00::1]'],
    ['fd00::1', 'https://[fd00::1]:8443'],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443'],
  ])('%s reaches %s directly', (list, url) => {
    expect(isExcludedFromProxy(url, list)).toBe(true);
  });

  it.each([
    ['', 'https://apim.example.com'],
    ['example.com', 'https://notexample.com'],
    ['apim.example.com', 'https://example.com'],
    ['example.com:8443', 'https://apim.example.com'],
    ['10.0.0.0/8', 'https://11.1.2.3'],
    ['10.0.0.0/8', 'https://10.example.com'],
    ['10.0.0.0/99', 'https://10.1.2.3'],
    ['2.3', 'https://10.1.2.3'],
    ['fd00::/8', 'https://10.1.2.3'],
    ['example.com/8', 'https://apim.example.com'],
  ])('%s does not reach %s', (list, url) => {
    expect(isExcludedFromProxy(url, list)).toBe(false);
  });
});
