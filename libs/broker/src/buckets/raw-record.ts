/** What the broker stores under a key. */
export interface RawRecord {
  readonly key: string;
  readonly revision: number;
  /** Undefined: the record is a marker of a removal. */
  readonly data: Uint8Array | undefined;
  /** Epoch ms on the broker's clock. */
  readonly createdAt: number;
}
