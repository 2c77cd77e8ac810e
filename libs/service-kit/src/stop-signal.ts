/** SIGTERM and SIGINT: the first signal asks to stop; a deliberate second one does not wait. */
import type { Logger } from 'pino';
import type { Clock } from '@federation-agent/base';

/**
 * Two signals within this time count as one. systemd, `timeout`, `npm` and anything that signals a process group send
 * the signal to the program and to its launcher, which passes it on; that does not mean "at once".
 */
const togetherMs = 1_000;

/** What a signal means, `sinceFirstMs` after the first one; undefined: it is the first one. */
export function signalMeaning(sinceFirstMs: number | undefined): 'stop' | 'again' | 'at once' {
  if (sinceFirstMs === undefined) return 'stop';
  return sinceFirstMs < togetherMs ? 'again' : 'at once';
}

export interface StopSignalOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** `exit` is called after this time, whatever hangs, even a start that never ends. */
  readonly withinMs: number;
  readonly exit: () => void;
}

/** @returns a signal that the first process signal aborts */
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
