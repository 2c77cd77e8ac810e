/** Asks one question in several places, so that one place that hangs does not keep the answer from everybody. */

export interface FirstAnswerOptions {
  /** Whether a failure concerns only this place, so that another place may still answer. */
  readonly elsewhere: (error: unknown) => boolean;
  /** Resolves when the first place has had its time. Its signal is aborted when nobody waits any more. */
  readonly slow: (signal: AbortSignal) => Promise<void>;
}

/**
 * Asks in the first place. When that is slow or cannot be reached, it asks in all others at once. The first answer
 * counts.
 *
 * @throws what a place answered, or else why the first place failed
 */
export async function firstAnswer<T>(
  asks: readonly (() => Promise<T>)[],
  { elsewhere, slow }: FirstAnswerOptions,
): Promise<T> {
  const [first, ...others] = asks;
  if (first === undefined) throw new RangeError('there is no place to ask in');
  const asked = first();
  if (others.length === 0) return asked;
  const over = new AbortController();
  const settled = asked.then(() => false, elsewhere);
  const goOn = await Promise.race([settled, slow(over.signal).then(() => true)]);
  over.abort();
  if (!goOn) return asked;
  const all = [asked, ...others.map((ask) => ask())];
  try {
    return await Promise.any(all);
  } catch {
    const results = await Promise.allSettled(all);
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    throw failures.find((failure) => !elsewhere(failure)) ?? failures[0];
  }
}
