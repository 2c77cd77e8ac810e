/** The connection to one endpoint of APIM: name, port, TLS. With a proxy, name and port are the proxy's. */
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { connect, isIP } from 'node:net';
import { exchangeUrl } from '@federation-agent/gateway-link';
import { describeError } from '@federation-agent/base';
import { createProxyAgent, type ProxyServer } from '@federation-agent/net';
import type { CheckResult } from './result.ts';
import { checkTls, type EndpointOptions } from './check-tls.ts';
import { withTimeout } from './with-timeout.ts';

const dnsMs = 3_000;
const tcpMs = 3_000;
const tunnelMs = 5_000;

/** @returns whether further checks make sense */
export async function* checkConnection(options: EndpointOptions): AsyncGenerator<CheckResult, boolean> {
  const { endpoint, key } = options;
  const url = exchangeUrl(endpoint);
  const proxy = options.proxy?.(url.href);
  const goal = addressOf(url);
  const { host, port } = proxy ?? goal;
  const through = proxy === undefined ? '' : `the proxy (${proxy.from}) `;
  const at = { host, port, through, key: proxy?.from ?? key };

  const dns = await checkName(at);
  const whose = proxy === undefined ? '' : `; ${goal.host} is looked up by the proxy`;
  yield { ...dns, detail: `${dns.detail}${dns.status === 'ok' ? whose : ''}`, subject: options.shown };
  if (dns.status === 'failed') {
    yield* skippedChecks(options.shown, ['tcp', 'tls'], `the name ${host} is not known`);
    return false;
  }
  const tcp = await checkPort(at, proxy);
  yield { ...tcp, subject: options.shown };
  if (tcp.status === 'failed') {
    yield* skippedChecks(options.shown, ['tls'], `there is no connection to ${host}:${port}`);
    return false;
  }
  const tunnel = proxy && (await checkTunnel(proxy, goal, key));
  if (tunnel) yield { ...tunnel, subject: options.shown };
  if (tunnel?.status === 'failed') {
    yield* skippedChecks(options.shown, ['tls'], 'the proxy does not lead there');
    return false;
  }
  const tls = await checkTls(options, url);
  yield { ...tls, subject: options.shown };
  return tls.status !== 'failed';
}

export function* skippedChecks(
  subject: string,
  checks: readonly CheckResult['check'][],
  why: string,
): Generator<CheckResult, void> {
  for (const check of checks) yield { check, subject, status: 'skipped', detail: why };
}

function addressOf(url: URL): { host: string; port: number } {
  const usual = url.protocol === 'wss:' ? 443 : 80;
  return { host: url.hostname.replace(/^\[|\]$/gu, ''), port: url.port === '' ? usual : Number(url.port) };
}

/** Whether the proxy opens a tunnel to the host; nothing is sent to that host. */
async function checkTunnel(
  proxy: ProxyServer,
  { host, port }: { readonly host: string; readonly port: number },
  key: string,
): Promise<Omit<CheckResult, 'subject'>> {
  const agent = createProxyAgent(() => proxy, { connectTimeout: tunnelMs });
  const attempt = request({ agent, host, port });
  try {
    await new Promise((resolve, reject) => {
      attempt.once('socket', resolve).once('error', reject);
    });
    return { check: 'tcp', status: 'ok', detail: `through the proxy ${host}:${port} accepts connections` };
  } catch (error) {
    const detail = describeError(error);
    return { check: 'tcp', status: 'failed', detail, fix: mendTunnel(proxy, detail, `${host}:${port}`, key) };
  } finally {
    attempt.on('error', () => undefined).destroy();
    agent.destroy();
  }
}

function mendTunnel({ from, type }: ProxyServer, reason: string, address: string, key: string): string {
  const isKey = from.includes('.');
  if (/user name|password|auth/iu.test(reason))
    return isKey
      ? `set ${from}.username and ${from}.password to what the proxy knows`
      : `put the user and password that the proxy knows into ${from}: http://user:password@host:port`;
  const kind = isKey ? `${from}.type (now ${type})` : `the scheme in ${from} (now ${type})`;
  return `let the proxy lead to ${address} (its rules, or the name in ${key}), and check ${kind}`;
}

interface Address {
  readonly host: string;
  readonly port: number;
  /** Text before the address; empty without a proxy. */
  readonly through: string;
  readonly key: string;
}

async function checkName({ host, through, key }: Address): Promise<Omit<CheckResult, 'subject'>> {
  if (isIP(host) !== 0) return { check: 'dns', status: 'ok', detail: `${through}${host} is an address` };
  try {
    const found = await withTimeout(dnsMs, lookup(host, { all: true }));
    const addresses = found.map(({ address }) => address).join(', ');
    return { check: 'dns', status: 'ok', detail: `${through}${host} is ${addresses}` };
  } catch (error) {
    return {
      check: 'dns',
      status: 'failed',
      detail: `${through}${host} cannot be looked up: ${describeError(error)}`,
      fix: `check the name in ${key}, and that this host (or container) asks a name server that knows it`,
    };
  }
}

async function checkPort(
  { host, port, through, key }: Address,
  proxy: ProxyServer | undefined,
): Promise<Omit<CheckResult, 'subject'>> {
  const socket = connect({ host, port });
  const opened = new Promise<undefined>((resolve, reject) => {
    socket.once('connect', () => resolve(undefined)).once('error', reject);
  });
  const address = `${through}${host}:${port}`;
  try {
    await withTimeout(tcpMs, opened);
    return { check: 'tcp', status: 'ok', detail: `${address} accepts connections` };
  } catch (error) {
    const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    const listens =
      proxy === undefined
        ? 'the integration controller of APIM is enabled and this is its port (its own is 8072)'
        : 'the proxy runs';
    return {
      check: 'tcp',
      status: 'failed',
      detail: `${address} cannot be reached: ${refused ? 'nothing listens there' : describeError(error)}`,
      fix: refused
        ? `check host and port in ${key}, and that ${listens}`
        : `let this host reach ${host}:${port}: firewall, security group, network policy, or a proxy (integration.connector.ws.proxy)`,
    };
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}
