/** TLS of the connection to APIM: as `ws` takes it, and what its errors mean. */
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
 * Reads the stores anew, so that a dial finds a truststore that was replaced.
 *
 * @throws ConfigurationError for a store that cannot be used: starting without it would mean that every connection
 *   fails with a reason that names no key
 */
export function tlsOptions({ ssl }: WebSocketConfig): TlsOptions {
  const { checkServerIdentity, ...options } = tlsOptionsOf(key, ssl);
  // Node takes an Error as the verdict; `ws` types it as a boolean. False is no error.
  return { ...options, ...(checkServerIdentity && { checkServerIdentity: () => false }) };
}

/** Why a dial failed: of TLS, with what mends it. */
export function dialFailure(error: unknown, url: URL, { ssl }: WebSocketConfig): string {
  const { path, content } = ssl.truststore ?? {};
  const truststore = path ?? (content === undefined ? undefined : 'the truststore');
  return describeTlsError(error, { host: url.host, key, truststore }) ?? describeError(error);
}
