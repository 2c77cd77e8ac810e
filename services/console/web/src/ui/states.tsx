import type { ComponentChildren } from 'preact';
import type { Failure } from '../api/failure.ts';
import type { Resource } from '../api/use-resource.ts';
import { Icon } from './icons.tsx';
import { Time } from './time.tsx';

/** Nothing is here: says why, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      <p>{children}</p>
    </div>
  );
}

/** Something did not work: says what, and what to do. */
export function Problem({ failure, retry }: { readonly failure: Failure; readonly retry?: () => void }) {
  return (
    <div class="notice tone-bad" role="alert">
      <Icon name="bad" />
      <div>
        <p class="notice-title">{failure.title}</p>
        {failure.detail !== '' && <p>{failure.detail}</p>}
        {retry && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

interface LoadedProps<Value> {
  readonly of: Resource<Value>;
  readonly children: (value: Value) => ComponentChildren;
}

/** What a page shows of an answer that is on its way, has failed, is there, or is there but older than it should be. */
export function Loaded<Value>({ of: resource, children }: LoadedProps<Value>) {
  const { value, failure, loadedAt, reload } = resource;
  if (value === undefined) {
    return failure ? <Problem failure={failure} retry={reload} /> : <p class="loading">Loading…</p>;
  }
  return (
    <>
      {failure && (
        <p class="notice tone-warn" role="status">
          <Icon name="warn" />
          <span>
            {failure.title} This is what was there <Time at={loadedAt} />.
          </span>
        </p>
      )}
      {children(value)}
    </>
  );
}
