import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Topic } from '../../../src/api/live.ts';
import { get, RequestFailed } from './client.ts';
import type { Failure } from './failure.ts';
import { useChanges } from './use-changes.ts';

/** An answer of the API that stays as new as the agent's own state. */
export interface Resource<Value> {
  /** The last good answer. */
  readonly value: Value | undefined;
  /** Why the last request failed. With a value, that value is older than it should be. */
  readonly failure: Failure | undefined;
  /** When the value came. */
  readonly loadedAt: number | undefined;
  readonly reload: () => void;
}

interface Options<Value> {
  /** Read again when one of these changes. */
  readonly topics?: readonly Topic[];
  readonly read?: (path: string, signal: AbortSignal) => Promise<Value>;
}

const none: readonly Topic[] = [];
const retryMs = 5_000;

/** @param path undefined: nothing is asked yet */
export function useResource<Value>(path: string | undefined, options: Options<Value> = {}): Resource<Value> {
  const { topics = none } = options;
  const [held, setHeld] = useState<Omit<Resource<Value>, 'reload'> & { readonly path?: string | undefined }>(
    empty,
  );
  const [asked, setAsked] = useState(0);
  const reload = useCallback(() => setAsked((before) => before + 1), []);
  const read = useRef(options.read);
  read.current = options.read;

  useEffect(() => {
    if (path === undefined) return;
    const stop = new AbortController();
    const request = read.current?.(path, stop.signal) ?? get<Value>(path, { signal: stop.signal });
    request.then(
      (value) => stop.signal.aborted || setHeld({ path, value, failure: undefined, loadedAt: Date.now() }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof RequestFailed)) throw error;
        const { failure } = error;
        setHeld((before) => (before.path === path ? { ...before, failure } : { ...empty, path, failure }));
      },
    );
    return () => stop.abort();
  }, [path, asked]);

  useChanges(topics, reload);

  const retry = held.failure?.status === 0 || held.failure?.status === 503;
  useEffect(() => {
    if (!retry) return;
    const timer = setInterval(reload, retryMs);
    return () => clearInterval(timer);
  }, [retry, reload]);

  return held.path === path ? { ...held, reload } : { ...empty, reload };
}

const empty = { value: undefined, failure: undefined, loadedAt: undefined };
