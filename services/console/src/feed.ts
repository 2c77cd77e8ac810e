/** Feeds open pages: changes of records, events, and how the processes are. */
import type { LiveSend } from './http/live.ts';
import type { ConsoleParts } from './parts.ts';

/** How often the processes are asked while a page is open. */
const askMs = 2_000;

/** Runs while any page is open. @returns what ends it */
export function startFeed(
  { topics, trail, nodes }: Pick<ConsoleParts, 'topics' | 'trail' | 'nodes'>,
  send: LiveSend,
): () => Promise<void> {
  const stopListening = topics.listen((changed) => send('changed', changed));
  const following = trail.follow((event) => {
    send('audit', event);
    if (event.kind === 'operator') topics.changed('dead');
  });
  let last = '';
  const look = async (): Promise<void> => {
    const shown = JSON.stringify(await nodes.statuses());
    if (shown !== last) topics.changed('overview');
    last = shown;
  };
  const timer = setInterval(() => void look().catch(() => undefined), askMs).unref();
  return async () => {
    stopListening();
    clearInterval(timer);
    await following.stop();
  };
}
