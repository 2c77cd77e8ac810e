/** Turns configured stores into the TLS options of Node. */
import { X509Certificate } from 'node:crypto';
import { ConfigurationError } from '@federation-agent/base';
import { openStore, type OpenStore } from './open-store.ts';
import type { StoreConfig } from './store.ts';

export interface TlsConfig {
  /** Accept any certificate. */
  readonly trustAll: boolean;
  /** The certificate must name the host. False: only the chain is checked. */
  readonly verifyHost: boolean;
  readonly truststore?: StoreConfig | undefined;
  /** The client's own certificate. */
  readonly keystore?: StoreConfig | undefined;
}

/** Options for `node:tls`, `node:https` and `ws`; certificates and key are PEM. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string[];
  /** As in Java, everything in the truststore is trusted, not only self-signed authorities. */
  readonly allowPartialTrustChain?: true;
  readonly cert?: string;
  readonly key?: string;
  /** Set when the host's name is not checked. */
  readonly checkServerIdentity?: () => undefined;
}

/**
 * A truststore replaces the usual roots: only what is in it is trusted, as in the official agent.
 *
 * @param key where it is configured, such as `integration.connector.ws.ssl`
 * @throws ConfigurationError when a store cannot be used, with its key, its file, the cause and how to fix it
 */
export function tlsOptions(key: string, config: TlsConfig): TlsOptions {
  const { trustAll, verifyHost, truststore, keystore } = config;
  return {
    rejectUnauthorized: !trustAll,
    ...(!verifyHost && { checkServerIdentity: () => undefined }),
    ...(truststore && trusted(`${key}.truststore`, truststore)),
    ...(keystore && ownCertificate(`${key}.keystore`, keystore)),
  };
}

function trusted(key: string, config: StoreConfig): Pick<TlsOptions, 'ca' | 'allowPartialTrustChain'> {
  const store = openStore(key, config);
  if (!store) return {};
  if (store.entries.length === 0) throw new ConfigurationError([`${store.at}: ${emptyTruststore(store)}`]);
  const ca = store.entries.flatMap(({ certificates }) =>
    certificates.map((certificate) => toPem(certificate)),
  );
  return { ca: [...new Set(ca)], allowPartialTrustChain: true };
}

function emptyTruststore({ says, kind, file }: OpenStore): string {
  return kind === 'PEM'
    ? `${says} has no certificate: cat ca.pem >> ${file}`
    : `${says} is empty: keytool -importcert -alias apim -file ca.pem -keystore ${file} -storetype ${kind}`;
}

/**
 * The certificate with its chain and its key: of a server, or of a client that must show one. It takes the first entry
 * with a key, unless an alias names another one.
 *
 * @returns nothing when no store is configured
 * @throws ConfigurationError
 */
export function ownCertificate(key: string, config: StoreConfig): { cert: string; key: string } | undefined {
  const store = openStore(key, config);
  if (!store) return undefined;
  const entry = store.entries.find((one) => one.key !== undefined);
  if (entry?.key === undefined) throw new ConfigurationError([withoutKey(key, config, store)]);
  return {
    cert: entry.certificates.map((certificate) => toPem(certificate)).join(''),
    key: entry.key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

function withoutKey(key: string, { password }: StoreConfig, { at, says, file, kind }: OpenStore): string {
  // A JKS opens without its password, but its keys do not.
  if (kind === 'JKS' && password === undefined)
    return `${key}.password: required: it protects the private key`;
  const make = `openssl pkcs12 -export -in client.pem -inkey client.key -certfile chain.pem -out ${file}.new`;
  return kind === 'PEM'
    ? `${at}: ${says} has no certificate with its private key: both must be in it, such as cat client.key client.pem chain.pem > ${file}`
    : `${at}: ${says} has no private key with its certificate: make it anew: ${make}`;
}

function toPem(der: Buffer): string {
  return new X509Certificate(der).toString();
}
