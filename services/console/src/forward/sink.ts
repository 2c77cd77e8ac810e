/** Where events are forwarded to. */
import type { ForwardWay } from '@federation-agent/contracts';

export interface ForwardedEvent {
  /** Place in the stream: whoever sees one twice tells it by this. */
  readonly sequence: number;
  /** Epoch ms of the broker. */
  readonly at: number;
  /** `<kind> <what>`, such as `subscription held`; the subject of an event of an unknown kind. */
  readonly name: string;
  readonly failed: boolean;
  /** The event as the console shows it; one of an unknown kind as it was published. */
  readonly body: object;
  readonly traceId?: string;
}

export interface Sink {
  readonly way: ForwardWay;
  /** For people: the path or the URL. */
  readonly to: string;
  /** Resolves when the event is safe there. @throws why it is not; then it may be there, in part or whole */
  write(event: ForwardedEvent, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
