/** Patience is for AWS: what it has answered is brought to an end, however long our own work on it takes. Pure. */
export interface OwnWork {
  readonly begins: () => void;
  readonly ends: () => void;
  /** Resolves at once unless own work is under way; then at its end. */
  readonly over: () => Promise<unknown>;
}

export function createOwnWork(): OwnWork {
  let work: PromiseWithResolvers<undefined> | undefined;
  return {
    begins: () => (work ??= Promise.withResolvers<undefined>()),
    ends: () => {
      work?.resolve(undefined);
      work = undefined;
    },
    over: () => work?.promise ?? Promise.resolve(),
  };
}
