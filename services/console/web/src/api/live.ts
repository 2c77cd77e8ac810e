/** What changes while a page is open: one stream of server-sent events for all that listen. */
import type { AuditEvent } from '../../../src/api/events.ts';
import type { Changed, Topic } from '../../../src/api/live.ts';

export type LiveState = 'connecting' | 'open' | 'lost';
interface Listener {
  readonly changed?: (topics: readonly Topic[]) => void;
  readonly audit?: (event: AuditEvent) => void;
  /** `again`: it was lost before, so something may have been missed. */
  readonly state?: (state: LiveState, again: boolean) => void;
}

const listeners = new Set<Listener>();
let source: EventSource | undefined;
let wasLost = false;
let state: LiveState = 'connecting';

/**
 * Listens until the answer is called. The stream is open while anybody listens. The browser opens it again by itself.
 */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  source ??= open();
  listener.state?.(state, false);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    source?.close();
    source = undefined;
  };
}

function open(): EventSource {
  const stream = new EventSource('/api/live');
  stream.addEventListener('open', () => tell('open'));
  stream.addEventListener('error', () => tell('lost'));
  stream.addEventListener('changed', ({ data }: MessageEvent<string>) => {
    const { topics } = JSON.parse(data) as Changed;
    for (const { changed } of listeners) changed?.(topics);
  });
  stream.addEventListener('audit', ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as AuditEvent;
    for (const { audit } of listeners) audit?.(event);
  });
  return stream;
}

function tell(next: LiveState): void {
  state = next;
  const again = next === 'open' && wasLost;
  wasLost = next === 'lost' || (wasLost && next !== 'open');
  for (const listener of listeners) listener.state?.(next, again);
  // A browser gives up on an answer that is no stream, such as a 502 of a proxy.
  if (source?.readyState !== EventSource.CLOSED) return;
  source = undefined;
  setTimeout(() => {
    if (listeners.size > 0) source ??= open();
  }, 3_000);
}
