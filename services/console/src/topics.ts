/** Tells listeners what has changed, at most four times a second, however much changes. */
import type { Clock } from '@federation-agent/base';
import type { Changed, Topic } from './api/index.ts';

export interface Topics {
  changed(topic: Topic): void;
  /** Returns a function that stops this. */
  listen(listener: (changed: Changed) => void): () => void;
  listeners(): number;
  stop(): void;
}

const everyMs = 250;

export function createTopics({ now }: Pick<Clock, 'now'>): Topics {
  const listeners = new Set<(changed: Changed) => void>();
  const waiting = new Set<Topic>();
  let timer: NodeJS.Timeout | undefined;

  const tell = (): void => {
    timer = undefined;
    const changed: Changed = { at: now(), topics: [...waiting] };
    waiting.clear();
    for (const listener of listeners) listener(changed);
  };
  return {
    changed: (topic) => {
      if (listeners.size === 0) return;
      waiting.add(topic);
      timer ??= setTimeout(tell, everyMs).unref();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    listeners: () => listeners.size,
    stop: () => clearTimeout(timer),
  };
}
