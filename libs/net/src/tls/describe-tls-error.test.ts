import { expect, test } from '@jest/globals';
import { describeTlsError } from './describe-tls-error.ts';

const context = { host: 'login.example.com', key: 'some.ssl' };

test.each([
  ['another name', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
  ['no certificate of the client', { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }],
  ['no common cipher', { code: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE' }],
  ['an end', { message: 'Client network socket disconnected before secure TLS connection was established' }],
])('%s: a key is named only where there is one', (_what, error) => {
  expect(describeTlsError(error, context)).toMatch(/some\.ssl\.(?:keystore|verifyHost)/u);
  const without = describeTlsError(error, { ...context, onlyTruststore: true });
  expect(without).toContain('login.example.com');
  expect(without).not.toContain('some.ssl');
});
