/** What a truststore or keystore holds, whatever its kind. */
import type { KeyObject } from 'node:crypto';

/** As it is configured; no `path` and no `content`: there is none. */
export interface StoreConfig {
  /** JKS, PKCS12 or PEM; NONE: there is none, whatever else is set; absent: whatever it is. */
  readonly type?: string | undefined;
  readonly path?: string | undefined;
  /** The store itself, base64; PEM also as it is. `path` outranks it. */
  readonly content?: string | undefined;
  readonly password?: string | undefined;
  /** Only this entry. Java compares aliases in small letters, and so do we. */
  readonly alias?: string | undefined;
}

/** One entry. PEM knows no aliases. */
export interface StoreEntry {
  readonly alias?: string | undefined;
  /** DER; the entry's own first, then those that issued it. */
  readonly certificates: readonly Buffer[];
  /** The private key of the first certificate. */
  readonly key?: KeyObject | undefined;
}

/** Why a store cannot be opened. */
export type StoreFault =
  | 'wrong-password'
  | 'no-password'
  | 'wrong-key-password'
  /** The bytes do not end where they should, or mean nothing. */
  | 'damaged';

export class StoreError extends Error {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.name = 'StoreError';
    this.fault = fault;
  }
}
