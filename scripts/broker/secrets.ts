/** Seeds and credentials, each in a file that only its owner can read. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeUser, fmtCreds } from '@nats-io/jwt';
import { createUser, fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { UsageError, type UsersOptions } from './options.ts';
import type { BrokerUser } from './users.ts';

/**
 * The line length that the server must accept: credentials contain the permissions, and the first line of a connection
 * contains the credentials.
 */
export const controlLine = '16KB';

/** The name of a file, and whether it is new. */
export interface Written {
  readonly file: string;
  readonly made: boolean;
}

/** The public key of each user; the seed is in `<out>/<user>.nk`. */
export function nkeysIn(
  folder: string,
  users: readonly BrokerUser[],
  rotate: boolean,
): { readonly keys: ReadonlyMap<string, string>; readonly written: readonly Written[] } {
  const keys = new Map<string, string>();
  const written = users.map(({ name }) => {
    const file = join(folder, `${name}.nk`);
    const kept = !rotate && existsSync(file);
    const pair = kept ? fromSeed(readFileSync(file)) : createUser();
    if (!kept) writeSecret(folder, file, Buffer.from(pair.getSeed()));
    keys.set(name, pair.getPublicKey());
    return { file, made: !kept };
  });
  return { keys, written };
}

/**
 * Writes the credentials of each user to `<out>/<user>.creds`. @throws UsageError when the account's seed or key is
 * invalid
 */
export async function credsIn(
  folder: string,
  users: readonly BrokerUser[],
  options: UsersOptions,
): Promise<readonly Written[]> {
  const { pair, issuer } = signerOf(options);
  const written: Written[] = [];
  for (const { name, permissions } of users) {
    const file = join(folder, `${name}.creds`);
    const kept = !options.rotate && existsSync(file);
    if (!kept) {
      const user = createUser();
      const rights = {
        pub: { allow: [...permissions.publish] },
        sub: { allow: [...permissions.subscribe] },
        resp: { max: 1, ttl: 60_000_000_000 },
      };
      const jwt = await encodeUser(
        name,
        user,
        issuer ?? pair,
        rights,
        issuer === undefined ? {} : { signer: pair },
      );
      writeSecret(folder, file, fmtCreds(jwt, user));
    }
    written.push({ file, made: !kept });
  }
  return written;
}

function signerOf({ accountSeed = '', accountKey }: UsersOptions): { pair: KeyPair; issuer?: string } {
  let pair: KeyPair;
  try {
    pair = fromSeed(Buffer.from(readFileSync(accountSeed, 'utf8').trim()));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'not a seed';
    throw new UsageError(`--account-seed ${accountSeed}: ${why}`);
  }
  if (!pair.getPublicKey().startsWith('A'))
    throw new UsageError(`--account-seed ${accountSeed}: is not the seed of an account (SA...)`);
  if (accountKey === undefined || accountKey === pair.getPublicKey()) return { pair };
  try {
    return { pair, issuer: fromPublic(accountKey).getPublicKey() };
  } catch {
    throw new UsageError(`--account-key: is not the public key of an account (A...)`);
  }
}

/** Writes the whole file or nothing. */
function writeSecret(folder: string, file: string, content: Uint8Array): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
