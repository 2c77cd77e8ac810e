/** SIGTERM and SIGINT: the first one asks to stop, a deliberate second one does not wait for it. */
import type { Logger } from 'pino';
import type { Clock } from '@federation-agent/base';

/**
 * Two within this are one. systemd, `timeout`, `npm` and whoever signals a process group deliver a signal to the
 * program and to its launcher, which hands it on; nobody means "at once" by that.
 */
const togetherMs = 1_000;

/** What a signal asks for, `sinceFirstMs` after the first one; undefined for that one. */
export function signalMeaning(sinceFirstMs: number | undefined): 'stop' | 'again' | 'at once' {
  if (sinceFirstMs === undefined) return 'stop';
  return sinceFirstMs < togetherMs ? 'again' : 'at once';
}

export interface StopSignalOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** Whatever hangs, even a start that never ends: `exit` is called after this. */
  readonly withinMs: number;
  readonly exit: () => void;
}

/** @returns aborted by the first signal */
export function onStopSignal({ log, clock, withinMs, exit }: StopSignalOptions): AbortSignal {
  const stopping = new AbortController();
  let first: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = clock.now();
    const meaning = signalMeaning(first === undefined ? undefined : now - first);
    first ??= now;
    if (meaning === 'at once') exit();
    if (meaning !== 'stop') return;
    log.info({ signal }, 'stopping');
    setTimeout(exit, withinMs).unref();
    stopping.abort();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return stopping.signal;
}
