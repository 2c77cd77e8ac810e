/**
 * Keys of the official agent without a meaning here. They are accepted without a warning, so that users can keep their
 * files.
 */

export interface IgnoredKey {
  /** The key, or the start of keys. */
  readonly path: string;
  readonly why: string;
}

export const ignoredKeys: readonly IgnoredKey[] = [
  { path: 'integration.connector.ws.keepAlive', why: 'the connection is always kept alive' },
  { path: 'integration.connector.ws.maxRetry', why: 'the endpoints are tried in turn, without end' },
  { path: 'integration.connector.ws.replyTimeout', why: 'the time for a reply is that of the protocol' },
  { path: 'services.core.http.workers', why: 'one is enough' },
  { path: 'services.core.http.idleTimeout', why: 'a setting of the Java server' },
  { path: 'services.core.http.maxHeaderSize', why: 'a setting of the Java server' },
  { path: 'services.core.http.maxChunkSize', why: 'a setting of the Java server' },
  { path: 'services.core.http.maxInitialLineLength', why: 'a setting of the Java server' },
  { path: 'services.core.http.tcpKeepAlive', why: 'a setting of the Java server' },
  { path: 'services.core.http.compressionSupported', why: 'a setting of the Java server' },
  { path: 'services.core.http.alpn', why: 'a setting of the Java server' },
  { path: 'services.metrics.labels', why: 'the labels are fixed' },
  { path: 'services.metrics.include', why: 'the metrics are fixed' },
  { path: 'services.metrics.exclude', why: 'the metrics are fixed' },
  { path: 'services.metrics.prometheus.concurrencyLimit', why: 'a setting of the Java server' },
  { path: 'services.metrics.prometheus.naming', why: 'the names are fixed' },
  { path: 'services.metrics.prometheus.flushInterval', why: 'a setting of the Java server' },
  { path: 'services.monitoring', why: 'metrics of the process are at /_node/metrics/prometheus' },
  { path: 'services.opentelemetry', why: 'traces: federation.telemetry.otlpEndpoint' },
  { path: 'services.tracing', why: 'traces: federation.telemetry.otlpEndpoint' },
  { path: 'cloud.enabled', why: 'a Cloud Token is enough' },
  { path: 'WS_ORG_ID', why: 'the token names the organisation' },
  { path: 'license', why: 'the licence is that of APIM' },
  { path: 'plugins', why: 'the provider is built in' },
];

/** Keys of the official agent that this agent does not support: accepted with a warning. */
export const unsupportedKeys: readonly IgnoredKey[] = [
  { path: 'services.core.http.ssl.truststore', why: 'clients are not asked for a certificate' },
  { path: 'services.core.http.ssl.clientAuth', why: 'clients are not asked for a certificate' },
  { path: 'services.core.http.ssl.tlsProtocols', why: 'TLS 1.2 and 1.3 are spoken' },
  { path: 'services.core.http.ssl.tlsCiphers', why: 'the ciphers are those of Node.js' },
  { path: 'cloud.client', why: 'stores and proxy are those of integration.connector.ws' },
];
