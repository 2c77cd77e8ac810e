/** Tells when AWS as a whole seems to be away: failures in a row without a success between them. */
export interface Breaker {
  note(outcome: 'ok' | 'not now'): void;
  /** True from then on: further calls would only run into their time-out. */
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
