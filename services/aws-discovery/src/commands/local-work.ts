/**
 * The deadline counts only for AWS. Once AWS has answered, our own work on the answer is finished, however long it
 * takes. Pure.
 */
export interface LocalWork {
  readonly begin: () => void;
  readonly end: () => void;
  /** Resolves at once when no own work is under way, else when that work ends. */
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
