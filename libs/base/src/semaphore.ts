/** A queue of this process in front of what only so many may do at once. */
export interface Semaphore {
  /** Resolves to the function that lets the next one in; undefined when the signal came first. */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>;
}

/** A counting semaphore with so many permits; first come, first served. */
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
