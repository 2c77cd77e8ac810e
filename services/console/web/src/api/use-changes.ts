import { useEffect } from 'preact/hooks';
import type { Topic } from '../../../src/api/live.ts';
import { listen } from './live.ts';

const atMostEveryMs = 700;

/**
 * Calls `reload` when one of the topics has changed, at once, but not twice within 700 ms: a scan changes the estate
 * many times a second. Also when the stream comes back, because something may have been missed.
 */
export function useChanges(topics: readonly Topic[], reload: () => void): void {
  const key = topics.join();
  useEffect(() => {
    if (key === '') return;
    const mine = new Set(key.split(','));
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = (): void => {
      timer = undefined;
      last = Date.now();
      reload();
    };
    const stop = listen({
      changed: (changed) => {
        if (changed.some((topic) => mine.has(topic)))
          timer ??= setTimeout(run, Math.max(0, last + atMostEveryMs - Date.now()));
      },
      state: (_, again) => again && run(),
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [key, reload]);
}
