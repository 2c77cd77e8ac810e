/** TLS options of the connection to APIM. Here is where further kinds of stores and proxies come in. */
import { readFileSync } from 'node:fs';
import type { ClientOptions } from 'ws';
import type { WebSocketConfig } from '@federation-agent/contracts';
import { ConfigurationError, describeError } from '@federation-agent/service-kit';

const prefix = 'integration.connector.ws.ssl';

export type TlsOptions = Pick<
  ClientOptions,
  'rejectUnauthorized' | 'checkServerIdentity' | 'ca' | 'cert' | 'key'
>;

/**
 * A truststore or keystore is PEM: certificates (and the private key) as text, in a file or, base64, in the value.
 * `verifyHost: false` still checks the chain; `trustAll` checks nothing.
 *
 * @throws ConfigurationError for a store of another kind, or one that cannot be read: starting without it would mean
 *   that every connection fails with a reason that names no key
 */
export function tlsOptions({ ssl }: WebSocketConfig): TlsOptions {
  const trusted = ssl.truststore && pem('truststore', ssl.truststore);
  const own = ssl.keystore && pem('keystore', ssl.keystore);
  return {
    rejectUnauthorized: !ssl.trustAll,
    // Node takes an Error as the verdict; `ws` types it as a boolean. False is no error.
    ...(!ssl.verifyHost && { checkServerIdentity: () => false }),
    ...(trusted !== undefined && { ca: trusted }),
    ...(own !== undefined && { cert: own, key: own }),
  };
}

interface Store {
  readonly type?: string | undefined;
  readonly path?: string | undefined;
  readonly content?: string | undefined;
}

function pem(name: 'truststore' | 'keystore', { type, path, content }: Store): string | undefined {
  const key = `${prefix}.${name}`;
  if (path === undefined && content === undefined) return undefined;
  if (type !== undefined && type !== 'PEM') {
    throw new ConfigurationError([`${key}.type: ${type} is not supported, only PEM is`]);
  }
  const text = path === undefined ? Buffer.from(content ?? '', 'base64').toString('utf8') : read(key, path);
  if (text.includes('-----BEGIN ')) return text;
  throw new ConfigurationError([`${key}: is not PEM: no -----BEGIN ..----- in it`]);
}

function read(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError([`${key}.path: ${path} cannot be read: ${describeError(error)}`]);
  }
}
