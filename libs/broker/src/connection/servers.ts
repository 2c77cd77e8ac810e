/** The broker's address and our login there, read from its URL and the keys beside it. */
import { readFileSync } from 'node:fs';
import {
  credsAuthenticator,
  nkeyAuthenticator,
  type Authenticator,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import type { BrokerConfig } from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';

/** Only the address and the login, without what we store there. */
export type BrokerAccess = Omit<BrokerConfig, 'namespace' | 'domain' | 'replicas'>;

type Servers = Pick<NodeConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'authenticator' | 'tls'>;

/**
 * Reads `nats://` and `tls://` URLs, several with commas between; `user:password@` or `token@` may be inside. The keys
 * beside the URL win: first credentials, then an nkey, then a token or a user.
 *
 * @throws ConfigurationError
 */
export function readServers(config: BrokerAccess): Servers {
  const urls = (config.url ?? '').split(',').map((text) => parse(text.trim()));
  const tls = readTls(config.tls, urls);
  return {
    servers: urls.map(({ host }) => host),
    ...identity(config, urls),
    ...(tls && { tls }),
  };
}

function parse(text: string): URL {
  const full = text.includes('://') ? text : `nats://${text}`;
  if (text === '' || !URL.canParse(full) || !['nats:', 'tls:'].includes(new URL(full).protocol)) {
    throw new ConfigurationError(['federation.broker.url: must be a URL such as nats://host:4222']);
  }
  return new URL(full);
}

function identity(config: BrokerAccess, urls: readonly URL[]): Omit<Servers, 'servers' | 'tls'> {
  if (config.creds !== undefined) return { authenticator: fromCreds(config.creds) };
  if (config.nkey !== undefined) return { authenticator: fromSeed(config.nkey) };
  const inUrl = urls.find(({ username }) => username !== '');
  const user = config.user ?? (inUrl?.password ? decodeURIComponent(inUrl.username) : undefined);
  const pass = config.password ?? (inUrl?.password ? decodeURIComponent(inUrl.password) : undefined);
  const token = config.token ?? (inUrl && !inUrl.password ? decodeURIComponent(inUrl.username) : undefined);
  return {
    ...(user !== undefined && { user }),
    ...(pass !== undefined && { pass }),
    ...(token !== undefined && { token }),
  };
}

function fromCreds(value: string): Authenticator {
  const content = contentOf('federation.broker.creds', value);
  if (!/-{3,}BEGIN NATS USER JWT-{3,}[^]*-{3,}BEGIN USER NKEY SEED-{3,}/u.test(content)) {
    throw new ConfigurationError([
      'federation.broker.creds: must have a NATS USER JWT and a USER NKEY SEED, as `nsc generate creds` writes it',
    ]);
  }
  // The client reads only complete lines, and a value from a secret may lack its last line end.
  return credsAuthenticator(new TextEncoder().encode(`${content.replaceAll('\r', '').trimEnd()}\n`));
}

function fromSeed(seed: string): Authenticator {
  if (!/^SU[A-Z2-7]{56}$/u.test(seed)) {
    throw new ConfigurationError([
      'federation.broker.nkey: must be the seed of a user, SU and 56 characters, as `nsc generate nkey --user` prints it',
    ]);
  }
  return nkeyAuthenticator(new TextEncoder().encode(seed));
}

function readTls(config: BrokerConfig['tls'], urls: readonly URL[]): Servers['tls'] {
  const { ca, cert, key, handshakeFirst } = config ?? {};
  if ((cert === undefined) !== (key === undefined)) {
    const [missing, given] = cert === undefined ? ['cert', 'key'] : ['key', 'cert'];
    throw new ConfigurationError([
      `federation.broker.tls.${missing}: required beside federation.broker.tls.${given}`,
    ]);
  }
  const wanted = config !== undefined || urls.some(({ protocol }) => protocol === 'tls:');
  return wanted
    ? {
        ...(ca !== undefined && { ca: contentOf('federation.broker.tls.ca', ca) }),
        ...(cert !== undefined && { cert: contentOf('federation.broker.tls.cert', cert) }),
        ...(key !== undefined && { key: contentOf('federation.broker.tls.key', key) }),
        ...(handshakeFirst && { handshakeFirst }),
      }
    : undefined;
}

/** The content of a file. A value that is PEM itself, as in a Kubernetes secret, is returned unchanged. */
function contentOf(key: string, value: string): string {
  if (value.includes('-----BEGIN')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([
      `${key}: its file cannot be read (${code}): give the path of a readable file, or the PEM itself`,
    ]);
  }
}
