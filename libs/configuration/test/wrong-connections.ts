/** Stores, proxies and brokers that cannot be used, and what each prints. */
import { tlsFixture } from '@federation-agent/net/test';
import type { WrongConfiguration } from './wrong-configurations.ts';

const ws = 'gravitee_integration_connector_ws_';
const truststore = `${ws}ssl_truststore_`;
const keystore = `${ws}ssl_keystore_`;
const proxy = `${ws}proxy_`;
const broker = 'gravitee_federation_broker_';
const external = {
  NATS_URL: 'nats://h',
  gravitee_federation_sealingKey: Buffer.alloc(32).toString('base64'),
};

/** Mistakes that would otherwise appear only at the first connection. */
export const wrongConnections: Readonly<Record<string, WrongConfiguration>> = {
  'a truststore of a kind that there is not': {
    env: { [`${truststore}type`]: 's3cr3t', [`${truststore}path`]: tlsFixture('truststore.pem') },
    prints: [/truststore_type: must be one of JKS, PKCS12, PEM, NONE$/u],
  },
  'stores that are not there': {
    env: { [`${truststore}path`]: '/none.p12', [`${keystore}path`]: '/none.jks' },
    prints: [
      /^gravitee_integration_connector_ws_ssl_truststore_path: \/none\.p12 does not exist: check the path/u,
      /^gravitee_integration_connector_ws_ssl_keystore_path: \/none\.jks does not exist/u,
    ],
  },
  'wrong passwords': {
    env: {
      [`${truststore}path`]: tlsFixture('truststore.jks'),
      [`${truststore}password`]: 's3cr3t',
      [`${keystore}path`]: tlsFixture('keystore-java17.p12'),
      [`${keystore}password`]: 's3cr3t',
    },
    prints: [
      /^gravitee_integration_connector_ws_ssl_truststore_password: wrong for \S+truststore\.jks: .*keytool -list/u,
      /^gravitee_integration_connector_ws_ssl_keystore_password: wrong for \S+keystore-java17\.p12/u,
    ],
  },
  'no password': {
    env: { [`${keystore}path`]: tlsFixture('keystore-java17.p12') },
    prints: [/^integration\.connector\.ws\.ssl\.keystore\.password \(gravitee_\w+_password\): required for/u],
  },
  'a type that the store is not': {
    file: `integration: {connector: {ws: {ssl: {truststore: {type: JKS, path: ${tlsFixture('truststore.pem')}}}}}}`,
    prints: [
      /^integration\.connector\.ws\.ssl\.truststore\.type \(g\.yml\): \S+ is PEM, not JKS: set .* to PEM$/u,
    ],
  },
  'a truststore of a kind that cannot be read': {
    env: { [`${truststore}path`]: tlsFixture('truststore.jceks'), [`${truststore}password`]: 's3cr3t' },
    prints: [/truststore_path: \S+ is JCEKS, which is not supported: keytool -importkeystore/u],
  },
  'an empty truststore': {
    env: { [`${truststore}path`]: tlsFixture('empty.jks'), [`${truststore}password`]: 'changeit' },
    prints: [/truststore_path: \S+empty\.jks is empty: keytool -importcert/u],
  },
  'a truststore without anything in it': {
    env: { [`${truststore}password`]: 's3cr3t' },
    prints: [/truststore\.path .*: required beside the other keys of the store$/u],
  },
  'HTTPS without a keystore': {
    file: 'services: {core: {http: {secured: "true"}}}',
    prints: [/^services\.core\.http\.ssl\.keystore\.path .*: required because/u],
  },
  'HTTPS with no keystore by its type': {
    file: 'services: {core: {http: {secured: "true", ssl: {keystore: {type: none, path: /none.p12}}}}}',
    prints: [/^services\.core\.http\.ssl\.keystore\.path \(g\.yml\): required because/u],
  },
  'HTTPS with a wrong keystore': {
    file: 'services: {core: {http: {secured: "true", ssl: {keystore: {path: /none.p12}}}}}',
    prints: [/^services\.core\.http\.ssl\.keystore\.path \(g\.yml\): \/none\.p12 does not exist/u],
  },
  'a proxy without a host': {
    env: { [`${proxy}enabled`]: 'true' },
    prints: [/proxy\.host .*: required: the proxy is enabled, and useSystemProxy is not$/u],
  },
  'a proxy of another type, its host a URL, its port too large': {
    env: {
      [`${proxy}enabled`]: 'true',
      [`${proxy}type`]: 'https',
      [`${proxy}host`]: 'http://s3cr3t:3128',
      [`${proxy}port`]: '65536',
    },
    prints: [
      /proxy_type: must be one of HTTP, SOCKS4, SOCKS5$/u,
      /proxy_host: must be only a host, such as proxy\.example\.com, without http:\/\/ and without a port$/u,
      /proxy_port: must be a whole number from 1 to 65535$/u,
    ],
  },
  'a system proxy that there is not': {
    env: { [`${proxy}useSystemProxy`]: 'true' },
    prints: [/^gravitee_integration_connector_ws_proxy_useSystemProxy: there is no system proxy: set/u],
  },
  'proxies of the environment that are none': {
    env: { HTTPS_PROXY: 'ftp://s3cr3t', http_proxy: 'gopher://s3cr3t' },
    prints: [/^HTTPS_PROXY: must be the URL of a proxy/u, /^http_proxy: must be the URL of a proxy/u],
  },
  'an external broker without a sealing key': {
    env: { NATS_URL: 'nats://u:s3cr3t@h' },
    prints: [/sealingKey\): required with an external broker/u],
  },
  'a URL that is not a broker': {
    env: { ...external, NATS_URL: 'http://s3cr3t' },
    prints: [/^NATS_URL: must be a URL such as nats:\/\/host:4222$/u],
  },
  'credentials for the broker in a wrong form': {
    env: {
      ...external,
      [`${broker}creds`]: '/none.creds',
      [`${broker}nkey`]: 's3cr3t',
      [`${broker}tls_ca`]: '/none.pem',
    },
    prints: [
      /^gravitee_federation_broker_creds: its file cannot be read \(ENOENT\)/u,
      /^gravitee_federation_broker_nkey: must be the seed of a user/u,
      /^gravitee_federation_broker_tls_ca: its file cannot be read \(ENOENT\)/u,
    ],
  },
};
