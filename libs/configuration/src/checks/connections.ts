/**
 * Checks what is otherwise read only when connections are made: stores, proxies, files of the broker. It calls the same
 * functions when the configuration is loaded, so that these mistakes are reported with all others.
 */
import { X509Certificate } from 'node:crypto';
import type { AgentConfig, ConsoleConfig, ServiceName } from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';
import { readServers } from '@federation-agent/broker';
import { connectorRoute, internetRoute, isLoopback, ownCertificate, tlsOptions } from '@federation-agent/net';

export interface ConnectionsOf {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent: a process that makes all connections. Another service may not even have the files. */
  readonly service?: ServiceName | undefined;
}

/** @returns a line per mistake, `<key or variable>: <what is wrong>` */
export function connectionMistakes(config: AgentConfig, { env, service }: ConnectionsOf): readonly string[] {
  const { ssl } = config.integration.connector.ws;
  const { enabled, secured, ssl: own } = config.services.core.http;
  const toApim = service === undefined || service === 'gateway-link';
  const toAws = service !== 'gateway-link';
  return [
    ...(toApim ? linesOf(() => tlsOptions(sslKey, { ...ssl, keystore: undefined })) : []),
    ...(toApim ? linesOf(() => tlsOptions(sslKey, { ...ssl, truststore: undefined })) : []),
    ...(toApim ? linesOf(() => connectorRoute(config, env)) : []),
    ...(toAws ? linesOf(() => internetRoute(config, env)) : []),
    ...(enabled && secured
      ? linesOf(() => ownCertificate('services.core.http.ssl.keystore', own.keystore ?? {}))
      : []),
    ...(service === undefined || service === 'console' ? oidcMistakes(config.federation.console.oidc) : []),
    ...brokerMistakes(config.federation.broker),
  ];
}

/**
 * Stores that open but cannot work, because every certificate in the truststore, or the client's own, has expired.
 *
 * @returns a line per store, `<key>: <what is wrong>`
 */
export function connectionWarnings(
  config: AgentConfig,
  { service, now }: Pick<ConnectionsOf, 'service'> & { readonly now: number },
): readonly string[] {
  if (service !== undefined && service !== 'gateway-link') return [];
  const { ca = [], cert } = tlsOptions(sslKey, config.integration.connector.ws.ssl);
  const ends = ca.map((pem) => endOf(pem));
  const last = Math.max(...ends);
  return [
    ...(ends.length > 0 && last < now
      ? [`${sslKey}.truststore.path: all of its certificates have expired, the last one at ${text(last)}`]
      : []),
    ...(cert !== undefined && endOf(cert) < now
      ? [`${sslKey}.keystore.path: its certificate expired at ${text(endOf(cert))}`]
      : []),
  ];
}

/** Epoch ms at which its first certificate expires. */
function endOf(pem: string): number {
  return new X509Certificate(pem).validToDate.getTime();
}

function text(time: number): string {
  return new Date(time).toISOString();
}

const sslKey = 'integration.connector.ws.ssl';

/** Codes, secrets and tokens go to the issuer. */
function oidcMistakes({ issuer, truststore }: ConsoleConfig['oidc']): readonly string[] {
  const key = 'federation.console.oidc';
  return [
    ...(issuer?.startsWith('http:') && !isLoopback(issuer)
      ? [`${key}.issuer: must begin with https://`]
      : []),
    ...linesOf(() => tlsOptions(key, { trustAll: false, verifyHost: true, truststore })),
  ];
}

/** Checks each part separately, so that a mistake in one does not hide mistakes in the others. */
function brokerMistakes(broker: AgentConfig['federation']['broker']): readonly string[] {
  if (broker.url === undefined) return [];
  const { url, creds, nkey, tls, ...rest } = broker;
  const elsewhere = { ...rest, url: 'nats://localhost' };
  return [
    ...linesOf(() => readServers({ ...rest, url })),
    ...linesOf(() => readServers({ ...elsewhere, ...(creds !== undefined && { creds }) })),
    ...linesOf(() => readServers({ ...elsewhere, ...(nkey !== undefined && { nkey }) })),
    ...linesOf(() => readServers({ ...elsewhere, ...(tls !== undefined && { tls }) })),
  ];
}

function linesOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
}
