/** A queue of this process in front of what only so many may do at once. */
export interface Lane {
  /** Resolves to the function that lets the next one in; undefined when the signal came first. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
}

/** Opens an empty lane for `width` at once; first come, first served. */
export function createLane(width = 1): Lane {
  const queue: (() => void)[] = [];
  let inside = 0;
  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) inside -= 1;
    else next();
  };
  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (inside < width) {
        inside += 1;
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
