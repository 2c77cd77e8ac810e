import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Topic } from '../../../src/api/live.ts';
import { pagesOf, type Range } from '../lib/window.ts';
import { get, RequestFailed } from './client.ts';
import type { Failure } from './failure.ts';
import { useChanges } from './use-changes.ts';

/** A list of the API that is loaded as it is scrolled. `First` is the whole answer of a page. */
export interface Rows<Row, Page> {
  readonly total: number;
  /** Of the rows that are there: the path that was asked before, until the answer to the new one is there. */
  readonly path: string;
  /** The same function for the same rows. */
  readonly rowAt: (index: number) => Row | undefined;
  readonly onRange: (range: Range) => void;
  /** The answer that came last; undefined before the first. */
  readonly page: Page | undefined;
  readonly failure: Failure | undefined;
  readonly loadedAt: number | undefined;
  readonly reload: () => void;
}

/** Rows of a request: those that are seen, twice. */
const size = 100;

interface Held<Row, Page> {
  readonly path: string;
  readonly pages: ReadonlyMap<number, readonly Row[]>;
  readonly page: Page | undefined;
  readonly failure: Failure | undefined;
  readonly loadedAt: number | undefined;
}

const nothing = {
  path: '',
  pages: new Map<number, never>(),
  page: undefined,
  failure: undefined,
  loadedAt: undefined,
};

/**
 * Rows of another query stay until those of the new one are there, so that a search does not flicker.
 * @param path without `offset` and `limit`
 */
export function useRows<Row, Page extends { readonly total: number; readonly rows: readonly Row[] }>(
  path: string,
  topics: readonly Topic[],
): Rows<Row, Page> {
  const [held, setHeld] = useState<Held<Row, Page>>(nothing);
  const range = useRef<Range>({ from: 0, to: 1 });
  const [wanted, setWanted] = useState('0');
  const [version, setVersion] = useState(0);
  const shown = useRef({ generation: '', path: '', loaded: new Set<number>() });

  const onRange = useCallback((next: Range) => {
    range.current = next;
    setWanted(pagesOf({ from: next.from, to: Math.max(next.to, next.from + 1) }, size).join());
  }, []);
  const reload = useCallback(() => setVersion((before) => before + 1), []);

  const generation = `${version} ${path}`;
  const pages = useRef(held.pages);
  pages.current = held.pages;
  // Not after the paint: a search would be a frame later with each letter.
  useLayoutEffect(() => {
    const stop = new AbortController();
    // Another query begins at its first row, as the table does.
    const inView = shown.current.path === path ? wanted.split(',').map(Number) : [0];
    const isNew = (): boolean => shown.current.generation !== generation;
    for (const number of inView.filter((one) => isNew() || !shown.current.loaded.has(one))) {
      const query = `${path.includes('?') ? '&' : '?'}offset=${number * size}&limit=${size}`;
      get<Page>(path + query, { signal: stop.signal }).then(
        (page) => {
          if (stop.signal.aborted) return;
          if (isNew()) {
            // Rows in view stay until their new ones are there, so that none of them loses the focus.
            const stays = shown.current.path === path ? inView : [];
            pages.current = new Map([...pages.current].filter(([one]) => stays.includes(one)));
            shown.current = { generation, path, loaded: new Set() };
          }
          shown.current.loaded.add(number);
          pages.current = new Map([...pages.current, [number, page.rows]]);
          setHeld({ path, pages: pages.current, page, failure: undefined, loadedAt: Date.now() });
        },
        (error: unknown) => {
          if (stop.signal.aborted) return;
          if (!(error instanceof RequestFailed)) throw error;
          const { failure } = error;
          setHeld((before) => ({ ...before, failure }));
        },
      );
    }
    return () => stop.abort();
  }, [generation, path, wanted]);

  useChanges(topics, reload);

  const rowAt = useCallback(
    (index: number): Row | undefined => held.pages.get(Math.floor(index / size))?.[index % size],
    [held.pages],
  );
  const { page, failure, loadedAt } = held;
  return { total: page?.total ?? 0, path: held.path, rowAt, onRange, page, failure, loadedAt, reload };
}
