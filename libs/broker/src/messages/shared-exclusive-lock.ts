/**
 * A lock that either many hold at once, or one holder alone. First come, first served: a request after a waiting
 * exclusive one waits for it.
 */

type Release = () => void;

export interface SharedExclusiveLock {
  /** Resolves to a function that releases the lock, or to undefined when `signal` aborts the wait. */
  acquire(exclusive: boolean, signal: AbortSignal): Promise<Release | undefined>;
}

export function createSharedExclusiveLock(): SharedExclusiveLock {
  const waiting: { readonly exclusive: boolean; readonly grant: (release: Release) => void }[] = [];
  let holders = 0;
  let heldExclusively = false;

  const admit = (): void => {
    for (
      let next = waiting[0];
      next && !heldExclusively && !(next.exclusive && holders > 0);
      next = waiting[0]
    ) {
      waiting.shift();
      holders += 1;
      heldExclusively = next.exclusive;
      next.grant(releaseOnce());
    }
  };
  const releaseOnce = (): Release => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      holders -= 1;
      heldExclusively = false;
      admit();
    };
  };

  return {
    acquire: (exclusive, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve(undefined);
          return;
        }
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(undefined);
          admit();
        };
        const entry = {
          exclusive,
          grant: (release: Release): void => {
            signal.removeEventListener('abort', giveUp);
            resolve(release);
          },
        };
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.push(entry);
        admit();
      }),
  };
}
