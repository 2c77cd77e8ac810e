/** Tries what a user of the broker may do. */
import type { Broker } from '../src/broker.ts';
import { isDenied } from '../src/errors.ts';

/** The result of a request: the answer, `denied`, or another error. */
export function requestOutcome({ nc }: Broker, subject: string, body = ''): Promise<string> {
  return nc.request(subject, body, { timeout: 2_000 }).then(
    (answer) => answer.string(),
    (error: unknown) => (isDenied(error) ? 'denied' : String(error)),
  );
}

/** Whether listening was `heard` or `denied`. */
export async function subscribeOutcome({ nc }: Broker, subject: string): Promise<string> {
  let outcome = 'heard';
  const subscription = nc.subscribe(subject, {
    callback: (error) => {
      if (isDenied(error)) outcome = 'denied';
    },
  });
  await nc.flush();
  subscription.unsubscribe();
  return outcome;
}
