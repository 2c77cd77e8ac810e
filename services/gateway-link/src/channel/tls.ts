/** TLS of the connection to APIM: the options for `ws`, and what TLS errors mean. */
import type { ClientOptions } from 'ws';
import type { WebSocketConfig } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import {
  describeTlsError,
  type TlsOptions as NodeTlsOptions,
  tlsOptions as tlsOptionsOf,
} from '@federation-agent/net';

const key = 'integration.connector.ws.ssl';

export type TlsOptions = Omit<NodeTlsOptions, 'checkServerIdentity'> &
  Pick<ClientOptions, 'checkServerIdentity'>;

/**
 * Reads the stores anew, so that a dial uses a truststore that was replaced.
 *
 * @throws ConfigurationError for a store that cannot be used. Without this check every connection would fail with a
 * reason that names no key.
 */
export function tlsOptions({ ssl }: WebSocketConfig): TlsOptions {
  const { checkServerIdentity, ...options } = tlsOptionsOf(key, ssl);
  // Node expects an Error as the result; `ws` types it as a boolean. False is not an error, so it accepts.
  return { ...options, ...(checkServerIdentity && { checkServerIdentity: () => false }) };
}

/** Why a dial failed; for a TLS error also how to fix it. */
export function dialFailure(error: unknown, url: URL, { ssl }: WebSocketConfig): string {
  const { path, content } = ssl.truststore ?? {};
  const truststore = path ?? (content === undefined ? undefined : 'the truststore');
  return describeTlsError(error, { host: url.host, key, truststore }) ?? describeError(error);
}
