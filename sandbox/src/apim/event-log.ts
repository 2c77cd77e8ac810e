/** Everything that the controller saw, in order. */
interface LoggedEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  readonly [detail: string]: unknown;
}

export interface EventLog {
  /** Appends an event; undefined details are left out. */
  add(kind: string, details?: Readonly<Record<string, unknown>>): void;
  since(seq: number): readonly LoggedEvent[];
  clear(): void;
}

export function createEventLog(): EventLog {
  const origin = performance.now();
  let seq = 0;
  let events: LoggedEvent[] = [];
  return {
    add(kind, details = {}) {
      seq += 1;
      const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
      events.push({ seq, atMs: Math.round(performance.now() - origin), kind, ...known });
    },
    since: (after) => events.filter((event) => event.seq > after),
    clear: () => {
      events = [];
    },
  };
}
