/** The content of a truststore or keystore, whatever its kind. */
import type { KeyObject } from 'node:crypto';

/** As configured. Without `path` and `content` there is no store. */
export interface StoreConfig {
  /** JKS, PKCS12 or PEM; NONE: no store, whatever else is set; absent: recognised by its content. */
  readonly type?: string | undefined;
  readonly path?: string | undefined;
  /** The store itself in base64; PEM may also be unencoded. `path` has priority. */
  readonly content?: string | undefined;
  readonly password?: string | undefined;
  /** Use only this entry. Aliases are compared in lower case, as in Java. */
  readonly alias?: string | undefined;
}

/** One entry. PEM has no aliases. */
export interface StoreEntry {
  readonly alias?: string | undefined;
  /** DER; the entry's own certificate first, then those that issued it. */
  readonly certificates: readonly Buffer[];
  /** The private key of the first certificate. */
  readonly key?: KeyObject | undefined;
}

/** Why a store cannot be opened. */
export type StoreFault =
  | 'wrong-password'
  | 'no-password'
  | 'wrong-key-password'
  /** The bytes end too early or too late, or make no sense. */
  | 'damaged';

export class StoreError extends Error {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.name = 'StoreError';
    this.fault = fault;
  }
}
