/** Something that is made when it is first asked for. */
export interface Lazy<T> {
  /** Makes it, unless it is there or on its way. After an error the next call tries again. */
  get(): Promise<T>;
  /** What is there, or on its way; undefined: nobody has asked. */
  made(): Promise<T> | undefined;
}

export function lazily<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined;
  return {
    get: () => {
      if (made === undefined) {
        made = make();
        made.catch(() => {
          made = undefined;
        });
      }
      return made;
    },
    made: () => made,
  };
}
