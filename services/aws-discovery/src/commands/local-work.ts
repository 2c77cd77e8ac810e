/** The deadline is for AWS: what it has answered is brought to an end, however long our own work on it takes. Pure. */
export interface LocalWork {
  readonly begin: () => void;
  readonly end: () => void;
  /** Resolves at once unless own work is under way; then at its end. */
  readonly finished: () => Promise<unknown>;
}

export function createLocalWork(): LocalWork {
  let work: PromiseWithResolvers<undefined> | undefined;
  return {
    begin: () => (work ??= Promise.withResolvers<undefined>()),
    end: () => {
      work?.resolve(undefined);
      work = undefined;
    },
    finished: () => work?.promise ?? Promise.resolve(),
  };
}
