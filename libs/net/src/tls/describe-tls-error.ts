/** Explains a failed TLS handshake to the person who configured it. */

export interface TlsErrorContext {
  /** Host of the endpoint, with its port when it is known: `apim.example.com:8443`. */
  readonly host: string;
  /** Where TLS is configured, such as `integration.connector.ws.ssl`. */
  readonly key: string;
  /** The name of the truststore, such as its path; absent: the usual roots are trusted. */
  readonly truststore?: string | undefined;
  /** There are no keys for a certificate of the client and for the check of the host's name. */
  readonly onlyTruststore?: boolean;
}

type Sentence = (context: TlsErrorContext, error: object) => string;

/**
 * A sentence with the cause and what to do.
 *
 * @returns undefined when the error is not about TLS
 */
export function describeTlsError(error: unknown, context: TlsErrorContext): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code = text(error, 'code');
  const named = Object.hasOwn(byCode, code) ? byCode[code] : undefined;
  const sentence =
    named ??
    families.find(([pattern]) => pattern.test(code))?.[1] ??
    families.find(([pattern]) => pattern.test(text(error, 'message')))?.[1];
  return sentence?.(context, error);
}

function text(error: object, field: string): string {
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
}

/** The host in the form for `openssl s_client`. */
const address = (host: string): string => (/:\d+$/u.test(host) ? host : `${host}:443`);
const fetchChain = (host: string): string =>
  `openssl s_client -connect ${address(host)} -showcerts </dev/null`;

const trustIt: Sentence = ({ host, key, truststore }) =>
  (truststore === undefined
    ? `put the certificate of its authority into a file, and set ${key}.truststore.path to it and .type to PEM`
    : `add the certificate of its authority to ${truststore} (${addTo})`) +
  `; what the server shows: ${fetchChain(host)}`;

/** For a Java store, and for PEM. */
const addTo = 'keytool -importcert -alias apim -file ca.pem -keystore <truststore>; in PEM it is appended';

const notTrusted: Sentence = (context, error) =>
  `the certificate of ${context.host} comes from an authority that ${
    context.truststore === undefined ? 'is not among the usual ones' : `is not in ${context.truststore}`
  }: ${trustIt(context, error)}`;

const incomplete: Sentence = (context, error) =>
  `the certificate of ${context.host} comes from an unknown authority, or the server does not send the ` +
  `certificates between it and the root: let it send the whole chain, or ${trustIt(context, error)}`;

const expired: Sentence = ({ host }) =>
  `the certificate of ${host}, or one that it depends on, has expired: renew it at the server ` +
  `(its dates: ${fetchChain(host)} | openssl x509 -noout -dates)`;

const selfSigned: Sentence = ({ host, key, truststore }) =>
  `the certificate of ${host} is signed by itself and ${
    truststore === undefined ? 'no truststore is configured' : `is not in ${truststore}`
  }: openssl s_client -connect ${address(host)} </dev/null | openssl x509 > ca.pem, then ${
    truststore === undefined
      ? `set ${key}.truststore.path to that file and .type to PEM`
      : `add it to the truststore (${addTo})`
  }`;

const wrongHost: Sentence = ({ host, key, onlyTruststore }, error) => {
  const cert: unknown = Reflect.get(error, 'cert');
  const names =
    typeof cert === 'object' && cert !== null
      ? text(cert, 'subjectaltname')
          .replaceAll(/(?:DNS|IP Address):/gu, '')
          .trim()
      : '';
  const instead = names === '' ? 'names no host' : `is for ${names}, not for that host`;
  return (
    `the certificate that ${host} shows ${instead}: use an endpoint that it names, or a certificate for this one` +
    (onlyTruststore ? '' : `; ${key}.verifyHost: false does without the check of the name`)
  );
};

const wantsClientCertificate: Sentence = ({ host, key, onlyTruststore }) =>
  onlyTruststore
    ? `${host} ended the handshake because it wants a certificate of the client, and the agent has none for it`
    : `${host} ended the handshake over the client's certificate: it wants one that it trusts: set ${key}.keystore.path, ` +
      `and check that its authority is known to the server`;

/** The key for a certificate of the client, where there is one. */
const keystoreOf = ({ key, onlyTruststore }: TlsErrorContext): string =>
  onlyTruststore ? '' : ` (${key}.keystore.path)`;

const notTls: Sentence = ({ host }) =>
  `${host} does not speak TLS on this port: an http:// endpoint, or another port`;

const byCode: Readonly<Record<string, Sentence>> = {
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: ({ host }) =>
    `the certificate of ${host} is not valid yet: check the clock here, and the dates of the certificate ` +
    `(${fetchChain(host)} | openssl x509 -noout -dates)`,
  ERR_TLS_CERT_ALTNAME_INVALID: wrongHost,
  HOSTNAME_MISMATCH: wrongHost,
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT: incomplete,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: incomplete,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: incomplete,
  CERT_UNTRUSTED: notTrusted,
  CERT_REVOKED: ({ host }) => `the certificate of ${host} is revoked: renew it at the server`,
  INVALID_PURPOSE: ({ host }) =>
    `the certificate of ${host} is not made for servers: it needs the extended key usage serverAuth`,
};

/** Codes and messages of OpenSSL in several spellings; the specific ones come first. */
const families: readonly (readonly [RegExp, Sentence])[] = [
  [
    /ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/u,
    wantsClientCertificate,
  ],
  [/alert (?:certificate|bad certificate|unknown ca|access denied)/iu, wantsClientCertificate],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS/u,
    ({ host }) => `${host} speaks no TLS version that is still safe: it must offer TLS 1.2 or 1.3`,
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/u, notTls],
  [/wrong version number|packet length too long/iu, notTls],
  [
    /HANDSHAKE_FAILURE|NO_SHARED_CIPHER/u,
    (context) =>
      `${context.host} and the agent have no cipher in common, or it wants a certificate of the client` +
      keystoreOf(context),
  ],
  [
    /KEY_TOO_SMALL|MD_TOO_WEAK|DH_KEY_TOO_SMALL/u,
    ({ host }) =>
      `a certificate of ${host} is too weak (a key below 2048 bits, or SHA-1): renew it at the server`,
  ],
  [
    /before secure TLS connection was established/u,
    (context) =>
      `${context.host} closed the connection within the TLS handshake: does it speak TLS on this port, and does it ` +
      `want a certificate of the client${keystoreOf(context)}?`,
  ],
  [
    /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|INVALID_CA|PATH_LENGTH|CRL_)/u,
    ({ host }, error) => `TLS with ${host} failed: ${text(error, 'message')} (${text(error, 'code')})`,
  ],
];
