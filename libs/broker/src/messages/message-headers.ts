/** The headers of messages and requests, with the trace context of the work that sends them. */
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { injectTrace } from '@federation-agent/base';

/** Headers of a message, with the trace context of the active span. */
export function messageHeaders(extra: Readonly<Record<string, string>> = {}): MsgHdrs {
  const made = headers();
  for (const [name, value] of Object.entries({ ...extra, ...injectTrace() })) made.set(name, value);
  return made;
}

/** The first value of each header. */
export function readHeaders(from: MsgHdrs | undefined): Record<string, string> {
  return Object.fromEntries((from?.keys() ?? []).map((name) => [name, from?.get(name) ?? '']));
}
