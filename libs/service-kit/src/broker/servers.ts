/** Where the broker is and who we are there, read from its URL and the keys beside it. */
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import type { BrokerConfig } from '@federation-agent/contracts';
import { ConfigurationError } from '../errors.ts';

type Servers = Pick<NodeConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'>;

/**
 * `nats://` and `tls://` URLs, several with commas between; `user:password@` or `token@` inside as usual. The keys beside
 * the URL win.
 *
 * @throws ConfigurationError
 */
export function readServers(config: BrokerConfig): Servers {
  const urls = (config.url ?? '').split(',').map((text) => parse(text.trim()));
  const inUrl = urls.find(({ username }) => username !== '');
  const user = config.user ?? (inUrl?.password ? decodeURIComponent(inUrl.username) : undefined);
  const pass = config.password ?? (inUrl?.password ? decodeURIComponent(inUrl.password) : undefined);
  const token = config.token ?? (inUrl && !inUrl.password ? decodeURIComponent(inUrl.username) : undefined);
  return {
    servers: urls.map(({ host }) => host),
    ...(user !== undefined && { user }),
    ...(pass !== undefined && { pass }),
    ...(token !== undefined && { token }),
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  };
}

function parse(text: string): URL {
  const full = text.includes('://') ? text : `nats://${text}`;
  if (text === '' || !URL.canParse(full) || !['nats:', 'tls:'].includes(new URL(full).protocol)) {
    throw new ConfigurationError(['federation.broker.url: must be a URL such as nats://host:4222']);
  }
  return new URL(full);
}
