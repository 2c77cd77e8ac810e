/** Which proxy leads to a URL. */
import type { AgentConfig, SystemProxyConfig } from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';
import { isLoopback } from '../loopback.ts';
import { isExcludedFromProxy } from './no-proxy.ts';

export interface ProxyServer {
  /** HTTPS: an HTTP proxy that is reached over TLS; only the environment can name one. */
  readonly type: 'HTTP' | 'HTTPS' | 'SOCKS4' | 'SOCKS5';
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The key or variable that names the proxy. */
  readonly from: string;
}

/** The proxy for a URL (`http`, `https`, `ws`, `wss`); undefined: connect directly. */
export type ProxyRoute = (url: string) => ProxyServer | undefined;

type Environment = Readonly<Record<string, string | undefined>>;

const keys = { connector: 'integration.connector.ws.proxy', system: 'system.proxy' } as const;

/**
 * The proxy for APIM, as in the official agent: the connector's own proxy for every endpoint, or the system's with
 * `useSystemProxy`. The environment counts only with `useSystemProxy`.
 *
 * @returns undefined: no proxy for any URL
 * @throws ConfigurationError when `useSystemProxy` finds no proxy, or one that cannot be parsed
 */
export function connectorRoute(config: AgentConfig, env: Environment): ProxyRoute | undefined {
  const connector = config.integration.connector.ws.proxy;
  if (connector.enabled === false) return undefined;
  if (connector.useSystemProxy) {
    const route = systemRoute(config.system.proxy, env);
    if (route) return route;
    throw new ConfigurationError([
      `${keys.connector}.useSystemProxy: there is no system proxy: set ${keys.system}.host, or HTTPS_PROXY in the environment`,
    ]);
  }
  const { host } = connector;
  if (connector.enabled !== true || host === undefined) return undefined;
  const server = { ...connector, host, from: keys.connector };
  return () => server;
}

/**
 * The proxy for AWS, and for the console's OpenID provider. The official agent has no key for it: its AWS SDK reads
 * `HTTPS_PROXY` and `NO_PROXY`, like every AWS tool, and so does this agent. With `useSystemProxy`, `system.proxy` is
 * how this machine reaches the internet, so it is used here too and comes before the environment. The connector's own
 * proxy is only for APIM.
 *
 * @returns undefined: no proxy for any URL
 * @throws ConfigurationError for a variable that cannot be parsed
 */
export function internetRoute(config: AgentConfig, env: Environment): ProxyRoute | undefined {
  const { useSystemProxy, enabled } = config.integration.connector.ws.proxy;
  return useSystemProxy && enabled !== false ? systemRoute(config.system.proxy, env) : environmentRoute(env);
}

/**
 * `system.proxy` when it is set, or else the environment. Loopback hosts and hosts in `NO_PROXY` are always reached
 * directly.
 */
function systemRoute(system: SystemProxyConfig, env: Environment): ProxyRoute | undefined {
  const { host } = system;
  if (host === undefined) return environmentRoute(env);
  const server = { ...system, host, from: keys.system };
  return around(env, () => server);
}

function environmentRoute(env: Environment): ProxyRoute | undefined {
  const [secure, plain] = (['https_proxy', 'http_proxy'] as const).map(
    (name) => variable(env, name) ?? variable(env, 'all_proxy'),
  );
  const wrong = [secure, plain].flatMap((found) => (found && !proxyOf(found) ? [found.name] : []));
  if (wrong.length > 0)
    throw new ConfigurationError(
      [...new Set(wrong)].map(
        (name) =>
          `${name}: must be the URL of a proxy (http, https, socks4 or socks5), such as http://proxy.example.com:3128`,
      ),
    );
  if (!secure && !plain) return undefined;
  const servers = { secure: secure && proxyOf(secure), plain: plain && proxyOf(plain) };
  return around(env, (url) => (/^(?:https|wss):/u.test(url) ? servers.secure : servers.plain));
}

function around(env: Environment, route: ProxyRoute): ProxyRoute {
  const noProxy = variable(env, 'no_proxy')?.value ?? '';
  return (url) => (isLoopback(url) || isExcludedFromProxy(url, noProxy) ? undefined : route(url));
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Lower case comes before upper case, as in curl. An empty variable counts as not set. */
function variable(env: Environment, name: string): Variable | undefined {
  for (const spelled of [name, name.toUpperCase()]) {
    const value = env[spelled]?.trim() ?? '';
    if (value !== '') return { name: spelled, value };
  }
  return undefined;
}

const schemes: Readonly<Record<string, { readonly type: ProxyServer['type']; readonly port: number }>> = {
  'http:': { type: 'HTTP', port: 80 },
  'https:': { type: 'HTTPS', port: 443 },
  'socks4:': { type: 'SOCKS4', port: 1080 },
  'socks4a:': { type: 'SOCKS4', port: 1080 },
  'socks:': { type: 'SOCKS5', port: 1080 },
  'socks5:': { type: 'SOCKS5', port: 1080 },
  'socks5h:': { type: 'SOCKS5', port: 1080 },
};

/** @returns undefined when it cannot be parsed */
function proxyOf({ name, value }: Variable): ProxyServer | undefined {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url && schemes[url.protocol];
  if (!scheme || url.hostname === '') return undefined;
  return {
    type: scheme.type,
    host: url.hostname.replace(/^\[|\]$/gu, ''),
    port: url.port === '' ? scheme.port : Number(url.port),
    ...(url.username !== '' && { username: decode(url.username) }),
    ...(url.password !== '' && { password: decode(url.password) }),
    from: name,
  };
}

/** A `%` that is not an escape is accepted. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
