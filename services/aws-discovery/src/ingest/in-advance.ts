/** Makes the next value of a generator while its reader works on the last one. */
export interface InAdvance<T> {
  /** Undefined at the end. @throws what the generator threw; it throws that again at each further call */
  next(): Promise<T | undefined>;
  /** Resolves when no value is being made. Never rejects. */
  settled(): Promise<void>;
}

/** Begins with the first value at once. No more than one value waits. */
export function inAdvance<T>(values: AsyncGenerator<T, undefined>): InAdvance<T> {
  const make = async (): Promise<T | undefined> => (await values.next()).value;
  let coming = make();
  const settled = async (): Promise<void> => {
    await Promise.allSettled([coming]);
  };
  void settled(); // Nobody may be waiting when it fails.
  return {
    next: async () => {
      const value = await coming;
      coming = make();
      void settled();
      return value;
    },
    settled,
  };
}
