/** Tells when AWS as a whole seems to be away: failures in a row, with no success between them. */
export interface Breaker {
  note(outcome: 'ok' | 'not now'): void;
  /** True from then on: no further call is worth its time-out. */
  tripped(): boolean;
}

export function createBreaker(failuresInARow: number): Breaker {
  let failures = 0;
  return {
    note: (outcome) => {
      if (failures < failuresInARow) failures = outcome === 'ok' ? 0 : failures + 1;
    },
    tripped: () => failures >= failuresInARow,
  };
}
