/** PEM: certificates and a private key as text, in any order. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { StoreError, type StoreEntry } from './store.ts';

const certificateBlock = /-----BEGIN (?:X509 )?CERTIFICATE-----.+?-----END (?:X509 )?CERTIFICATE-----/gsu;
const keyBlock = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----/su;

/**
 * With a key, its certificate comes first, followed by those that issued it. Without a key, each certificate is an
 * entry.
 *
 * @throws StoreError
 */
export function readPem(text: string, password: string | undefined): readonly StoreEntry[] {
  const certificates = [...text.matchAll(certificateBlock)].map(([block]) => parse(block));
  const sealed = keyBlock.exec(text)?.[0];
  const key = sealed === undefined ? undefined : openKey(sealed, password);
  const own = key && certificates.find((one) => one.checkPrivateKey(key));
  if (!own) return certificates.map(({ raw }) => ({ certificates: [raw] }));
  const chain = [own, ...certificates.filter((one) => one !== own)];
  return [{ certificates: chain.map(({ raw }) => raw), key }];
}

function parse(block: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (error) {
    throw new StoreError('damaged', 'it has a certificate that cannot be read', error);
  }
}

function openKey(block: string, password: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: block, ...(password !== undefined && { passphrase: password }) });
  } catch (error) {
    if (!block.includes('ENCRYPTED'))
      throw new StoreError('damaged', 'its private key cannot be read', error);
    if (password === undefined) throw new StoreError('no-password', 'its private key is encrypted', error);
    throw new StoreError('wrong-password', 'its private key does not open with the password', error);
  }
}
