/** What the broker holds under a key. */
export interface RawRecord {
  readonly key: string;
  readonly revision: number;
  /** Undefined: a marker of a removal. */
  readonly data: Uint8Array | undefined;
  /** Epoch ms at the broker. */
  readonly createdAt: number;
}
