/** Many at once, or one alone: whoever wants to be alone waits for those inside, and those who come later wait for it. */

type Leave = () => void;

export interface Gangway {
  /** Resolves to how to leave again; to undefined when `signal` aborts the wait. */
  enter(alone: boolean, signal: AbortSignal): Promise<Leave | undefined>;
}

export function createGangway(): Gangway {
  const waiting: { readonly alone: boolean; readonly go: (leave: Leave) => void }[] = [];
  let inside = 0;
  let oneAlone = false;

  const admit = (): void => {
    for (let next = waiting[0]; next && !oneAlone && !(next.alone && inside > 0); next = waiting[0]) {
      waiting.shift();
      inside += 1;
      oneAlone = next.alone;
      next.go(leaveOnce());
    }
  };
  const leaveOnce = (): Leave => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      inside -= 1;
      oneAlone = false;
      admit();
    };
  };

  return {
    enter: (alone, signal) =>
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
          alone,
          go: (leave: Leave): void => {
            signal.removeEventListener('abort', giveUp);
            resolve(leave);
          },
        };
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.push(entry);
        admit();
      }),
  };
}
