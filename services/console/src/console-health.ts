/** The console's own component of health: whether it listens, and whether it can read what it shows. */
import type { Health } from '@federation-agent/service-kit';
import type { Logger } from 'pino';

export interface ConsoleHealth {
  /** `detail` says why it does not listen, and what to do. */
  listening(how: { readonly url: string } | { readonly detail: string }): void;
  /** @param reason why records cannot be read; undefined: they can */
  reading(reason: string | undefined): void;
  remove(): void;
}

const component = 'console';
const whatToDo = 'Look at the broker; npm run broker:users prints what its user needs';

/** @param connected to the broker; while it is away, its own component says so */
export function createConsoleHealth(health: Health, log: Logger, connected: () => boolean): ConsoleHealth {
  let url: string | undefined;
  let notListening: string | undefined;
  let notReading: string | undefined;

  const show = (): void => {
    const detail = notListening ?? notReading;
    health.set(component, {
      status: detail === undefined ? 'up' : 'degraded',
      ...(detail !== undefined && { detail }),
      ...(url !== undefined && { data: { url } }),
    });
  };
  return {
    listening: (how) => {
      if ('url' in how) url = how.url;
      else notListening = how.detail;
      show();
    },
    reading: (reason) => {
      const before = notReading;
      notReading = reason && `what the console shows is not complete: ${reason}. ${whatToDo}`;
      if (before === undefined && notReading !== undefined && connected()) log.warn(notReading);
      show();
    },
    remove: () => health.remove(component),
  };
}
