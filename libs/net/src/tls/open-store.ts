/** Opens a configured truststore or keystore. For each problem it names the command that fixes it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigurationError, describeError } from '@federation-agent/base';
import { readJks } from './jks.ts';
import { readPem } from './pem.ts';
import { readPkcs12 } from './pkcs12.ts';
import { kindOf, type StoreKind } from './store-kind.ts';
import { StoreError, type StoreConfig, type StoreEntry } from './store.ts';

/** An open store, and how messages name it. */
export interface OpenStore {
  /** May be empty. */
  readonly entries: readonly StoreEntry[];
  readonly kind: ReadableKind;
  /** The key that messages about the content name. */
  readonly at: string;
  /** The store's name in a sentence: its path, or `the store` when it came as `content`. */
  readonly says: string;
  /** The store's name in a command. */
  readonly file: string;
}

type ReadableKind = 'JKS' | 'PKCS12' | 'PEM';

/** Deriving keys from the password of a Java 8 store takes most of a second, so it is done once per content. */
const opened = new Map<string, readonly StoreEntry[]>();

/**
 * @param key where it is configured, such as `integration.connector.ws.ssl.truststore`
 * @returns undefined when none is configured
 * @throws ConfigurationError
 */
export function openStore(key: string, config: StoreConfig): OpenStore | undefined {
  const { type, path, content, password, alias } = config;
  if (type === 'NONE') return undefined;
  if (path === undefined && content === undefined) {
    if (type === undefined && password === undefined && alias === undefined) return undefined;
    throw new ConfigurationError([`${key}.path: required beside the other keys of the store`]);
  }
  const { bytes, at, file, says } =
    path === undefined ? fromContent(key, content ?? '') : fromFile(key, path);
  const kind = kindOf(bytes);
  if (kind === undefined || !isReadable(kind))
    throw new ConfigurationError([`${at}: ${says} ${notReadable(kind, bytes, file)}`]);
  if (!fits(type, kind))
    throw new ConfigurationError([
      `${key}.type: ${says} is ${kind}, not ${type ?? ''}: set ${key}.type to ${kind}`,
    ]);
  try {
    const entries = remember(bytes, password, () => read(kind, bytes, password));
    return { entries: alias === undefined ? entries : only(alias, entries, key, says), at, says, file, kind };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new ConfigurationError([explain(error, { key, at, says, kind, file })]);
  }
}

type Source = Pick<OpenStore, 'at' | 'says' | 'file'> & { readonly bytes: Buffer };

function fromFile(key: string, path: string): Source {
  const at = `${key}.path`;
  try {
    return { bytes: readFileSync(path), at, file: quoted(path), says: path };
  } catch (error) {
    const why =
      Error.isError(error) && 'code' in error && error.code === 'ENOENT'
        ? 'does not exist: check the path, and in a container that the file is mounted there'
        : `cannot be read: ${describeError(error)}`;
    throw new ConfigurationError([`${at}: ${path} ${why}`]);
  }
}

/** PEM may be there unencoded, as in the official agent. */
function fromContent(key: string, content: string): Source {
  const at = `${key}.content`;
  const source = { at, file: 'store', says: 'the store' };
  if (content.includes('-----BEGIN ')) return { ...source, bytes: Buffer.from(content) };
  const packed = content.replace(/\s/gu, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(packed) || packed.replace(/=+$/u, '').length % 4 === 1)
    throw new ConfigurationError([`${at}: is not base64: base64 -w0 <file of the store>`]);
  return { ...source, bytes: Buffer.from(packed, 'base64') };
}

function isReadable(kind: StoreKind): kind is ReadableKind {
  return kind === 'JKS' || kind === 'PKCS12' || kind === 'PEM';
}

/** Java opens a JKS as PKCS12, and the other way round, so both are accepted. */
function fits(type: string | undefined, kind: ReadableKind): boolean {
  return type === undefined || (type === 'PEM') === (kind === 'PEM');
}

function notReadable(kind: StoreKind | undefined, bytes: Buffer, file: string): string {
  const toPkcs12 = `keytool -importkeystore -srckeystore ${file} -srcstoretype ${kind ?? ''}`;
  const bouncyCastle =
    ' -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar';
  const as = ` -destkeystore ${file}.p12 -deststoretype PKCS12`;
  if (kind === 'JCEKS') return `is JCEKS, which is not supported: ${toPkcs12}${as}`;
  if (kind === 'BKS')
    return `is BKS, of Bouncy Castle, which is not supported: ${toPkcs12}${bouncyCastle}${as}`;
  if (kind === 'DER')
    return `is one certificate in DER, not a store: openssl x509 -inform der -in ${file} -out ${file}.pem`;
  if (bytes.length === 0) return 'is empty, without a single byte';
  return `is not JKS, PKCS12 or PEM: find out what it is with keytool -list -keystore ${file}`;
}

function read(kind: ReadableKind, bytes: Buffer, password: string | undefined): readonly StoreEntry[] {
  switch (kind) {
    case 'JKS':
      return readJks(bytes, password);
    case 'PKCS12':
      return readPkcs12(bytes, password);
    case 'PEM':
      return readPem(bytes.toString('utf8'), password);
  }
}

function remember(
  bytes: Buffer,
  password: string | undefined,
  work: () => readonly StoreEntry[],
): readonly StoreEntry[] {
  const name = createHash('sha256')
    .update(bytes)
    .update(password === undefined ? 'none' : `some ${password}`)
    .digest('base64');
  const entries = opened.get(name) ?? work();
  opened.set(name, entries);
  return entries;
}

function only(
  alias: string,
  entries: readonly StoreEntry[],
  key: string,
  says: string,
): readonly StoreEntry[] {
  const found = entries.filter((entry) => entry.alias?.toLowerCase() === alias.toLowerCase());
  if (found.length > 0) return found;
  const known = [...new Set(entries.flatMap((entry) => entry.alias ?? []))];
  const have =
    known.length > 0 ? `it has ${known.join(', ')}` : 'its entries have no alias: leave the key out';
  throw new ConfigurationError([`${key}.alias: ${says} has no entry ${alias}: ${have}`]);
}

function explain(
  { fault, message }: StoreError,
  { key, at, says, kind, file }: { key: string; at: string; says: string; kind: ReadableKind; file: string },
): string {
  const list =
    kind === 'PEM' ? `openssl pkey -in ${file} -noout` : `keytool -list -keystore ${file} -storetype ${kind}`;
  switch (fault) {
    case 'wrong-password':
      return `${key}.password: wrong for ${says}: ${message}; try it: ${list}`;
    case 'no-password':
      return `${key}.password: required for ${says}: ${message}`;
    case 'wrong-key-password':
      return `${key}.password: opens ${says}, but ${message}; give it the same: keytool -keypasswd -alias <alias> -keystore ${file} -storetype JKS`;
    case 'damaged':
      return `${at}: ${says} is damaged: ${message}; copy it again, and see whether it opens: ${list}`;
  }
}

/** A path as a shell accepts it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
