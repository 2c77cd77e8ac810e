import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

/**
 * What was done and seen, in order: one line of JSON each in `timeline.jsonl`, and a count per kind. It never has a key
 * value.
 */
export interface Timeline {
  readonly path: string;
  note(kind: string, facts?: object): void;
  /** Milliseconds since the start. */
  now(): number;
  counts(): ReadonlyMap<string, number>;
  /**
   * From this call until the returned function is called, a command may stay unanswered, because its link could not
   * answer.
   */
  excuse(why: string): () => void;
  /** The excuses that overlap this period. */
  excuses(fromMs: number, toMs: number): readonly string[];
  close(): Promise<void>;
}

interface Excuse {
  readonly why: string;
  readonly from: number;
  to: number;
}

export function openTimeline(folder: string): Timeline {
  const path = join(folder, 'timeline.jsonl');
  const file = createWriteStream(path);
  const counts = new Map<string, number>();
  const excuses: Excuse[] = [];
  const now = (): number => Math.round(performance.now());
  const note = (kind: string, facts: object = {}): void => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    file.write(`${JSON.stringify({ at: now(), time: new Date().toISOString(), kind, ...facts })}\n`);
  };
  return {
    path,
    note,
    now,
    counts: () => counts,
    excuse: (why) => {
      const one: Excuse = { why, from: now(), to: Infinity };
      excuses.push(one);
      return () => {
        one.to = now();
      };
    },
    excuses: (fromMs, toMs) =>
      excuses.filter(({ from, to }) => from <= toMs && to >= fromMs).map(({ why }) => why),
    close: () => new Promise((resolve) => file.end(() => resolve())),
  };
}
