interface RememberOptions {
  /** How long a result is kept, ms. */
  readonly good: number;
  /** How long a failure is kept, ms: requests from outside must not make the agent ask without a pause. */
  readonly bad: number;
  readonly now: () => number;
}

/** Does the work once for all who ask meanwhile, and remembers how it ended. */
export function remembered<Value>(
  work: () => Promise<Value>,
  { good, bad, now }: RememberOptions,
): () => Promise<Value> {
  let last: Promise<Value> | undefined;
  let until = 0;
  return () => {
    if (last !== undefined && now() < until) return last;
    until = Infinity;
    last = work();
    last.then(
      () => (until = now() + good),
      () => (until = now() + bad),
    );
    return last;
  };
}
