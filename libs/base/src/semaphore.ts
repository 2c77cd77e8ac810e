/** A queue in this process for work of which only a limited number may run at once. */
export interface Semaphore {
  /** Resolves to a function that releases the permit; to undefined when the signal came first. */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>;
}

/** A counting semaphore; first come, first served. */
export function createSemaphore(permits = 1): Semaphore {
  const queue: (() => void)[] = [];
  let taken = 0;
  const release = (): void => {
    const next = queue.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
  return {
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (taken < permits) {
        taken += 1;
        return Promise.resolve(release);
      }
      return new Promise((resolve) => {
        const turn = (): void => {
          signal.removeEventListener('abort', giveUp);
          resolve(release);
        };
        const giveUp = (): void => {
          queue.splice(queue.indexOf(turn), 1);
          resolve(undefined);
        };
        queue.push(turn);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
