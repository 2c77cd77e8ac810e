import { yieldToEventLoop } from './yield-to-event-loop.ts';

/**
 * Runs `run` for all items, at most `atMost` of them at once. The results are in the order of the items. After a
 * failure it starts no further item, waits for those under way, and throws the first failure.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  atMost: number,
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const failures: unknown[] = [];
  const queue = items.entries();
  const runner = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      try {
        results[index] = await run(item);
        await yieldToEventLoop();
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atMost, items.length) }, runner));
  if (failures.length > 0) throw failures[0];
  return results;
}
