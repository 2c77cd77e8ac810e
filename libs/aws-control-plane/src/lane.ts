/**
 * A queue of this process in front of one budget record: one caller at a time reads and writes it. Hundreds of commands at
 * once would otherwise fight each other by compare-and-set.
 */
export interface Lane {
  /** Resolves to the function that lets the next one in; undefined when the signal came first. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
}

/** Opens an empty lane; first come, first served. */
export function createLane(): Lane {
  const queue: (() => void)[] = [];
  let busy = false;
  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) busy = false;
    else next();
  };
  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (!busy) {
        busy = true;
        return Promise.resolve(leave);
      }
      return new Promise((resolve) => {
        const turn = (): void => {
          signal.removeEventListener('abort', giveUp);
          resolve(leave);
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
