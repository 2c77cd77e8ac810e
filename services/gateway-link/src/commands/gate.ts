/**
 * The link's side of a gate. Whether a key was written to APIM is decided by the gate's record, made by create-only:
 * `writing` by the link before it writes the reply, or `void` by whoever comes first. Only the link that wrote
 * `writing` turns it into `delivered`, `unconfirmed` or `void`.
 */
import { subscriptionKeys, type Gate, type Limits } from '@federation-agent/contracts';
import { type Clock, describeError, type Logger, type Randomness } from '@federation-agent/base';
import { type Bucket, changeRecord, dispositionOf } from '@federation-agent/broker';

/** A gate that this link has opened. */
interface OpenGate {
  /** Writes the outcome. Returns after the first try; what fails is tried again behind the scenes. */
  settle(state: 'delivered' | 'unconfirmed' | 'void'): Promise<void>;
}

export interface Gates {
  /**
   * Opens the gate of a SUBSCRIBE with the broker's acknowledgement.
   *
   * @param until epoch ms; no acknowledgement by then: not opened
   * @returns the gate, or why the reply must not be written
   */
  open(
    commandId: string,
    until: number,
    signal: AbortSignal,
  ): Promise<OpenGate | { readonly refused: string }>;
  /** The reply was never written and never will be: `void`, unless somebody was quicker. Behind the scenes. */
  shut(commandId: string): void;
  /** Waits so long for what is still to be written, then gives up: a gate `writing` reads as unconfirmed. */
  stop(graceMs: number): Promise<void>;
}

export interface GatesOptions {
  readonly bucket: Bucket<Gate>;
  readonly linkId: string;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly log: Logger;
}

export function createGates({ bucket, linkId, limits, clock, random, log }: GatesOptions): Gates {
  const stopping = new AbortController();
  const unwritten = new Set<Promise<void>>();

  const gate = (state: Gate['state'], nonce: string): Gate => ({ state, by: linkId, nonce, at: clock.now() });

  /** Again until it works; a record that cannot be read is nobody's to overwrite. */
  const retryUntilWritten = async (commandId: string, attempt: () => Promise<void>): Promise<void> => {
    const until = clock.now() + limits.outcomeMemory;
    while (!stopping.signal.aborted) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (dispositionOf(error) !== 'retryable' || clock.now() >= until) {
          log.error(
            { commandId, reason: describeError(error) },
            'the outcome of a gate cannot be written: it reads as unconfirmed, and its key is kept',
          );
          return;
        }
      }
      await clock.sleep(limits.publishRetry, stopping.signal);
    }
  };
  const runInBackground = (work: Promise<void>): void => {
    unwritten.add(work);
    void work.finally(() => unwritten.delete(work));
  };

  /** Turns the record with our nonce into the outcome. One that is not ours, or settled already, is left. */
  const settle = async (commandId: string, nonce: string, state: Gate['state']): Promise<void> => {
    await changeRecord(
      bucket,
      subscriptionKeys.gate(commandId),
      (current) => (current?.nonce === nonce && current.state === 'writing' ? gate(state, nonce) : undefined),
      { clock, random },
    );
  };
  /** `void`, be the gate absent or ours. */
  const shut = async (commandId: string, nonce: string): Promise<void> => {
    const made = await bucket.create(subscriptionKeys.gate(commandId), gate('void', nonce));
    if (made === undefined) await settle(commandId, nonce, 'void');
  };

  /** The first writer wins; whether that was us after a lost answer is told by the nonce. */
  const tryOpen = async (commandId: string, nonce: string): Promise<'ours' | 'theirs'> => {
    const key = subscriptionKeys.gate(commandId);
    if ((await bucket.create(key, gate('writing', nonce))) !== undefined) return 'ours';
    const entry = await bucket.get(key);
    return entry?.value.nonce === nonce && entry.value.state === 'writing' ? 'ours' : 'theirs';
  };

  return {
    open: async (commandId, until, signal) => {
      const nonce = random.uuid();
      let reason = 'no time was left';
      while (clock.now() < until && !signal.aborted) {
        try {
          if ((await tryOpen(commandId, nonce)) === 'theirs')
            return { refused: 'this command was given up before its answer came' };
          return {
            settle: async (state) => {
              try {
                await settle(commandId, nonce, state);
              } catch {
                runInBackground(retryUntilWritten(commandId, () => settle(commandId, nonce, state)));
              }
            },
          };
        } catch (error) {
          reason = describeError(error);
          if (dispositionOf(error) !== 'retryable') break;
        }
        await clock.sleep(limits.publishRetry, signal);
      }
      // A create whose answer was lost may still be there.
      runInBackground(retryUntilWritten(commandId, () => shut(commandId, nonce)));
      return { refused: `the broker did not record the answer: ${reason}` };
    },
    shut: (commandId) => {
      const nonce = random.uuid();
      runInBackground(retryUntilWritten(commandId, () => shut(commandId, nonce)));
    },
    stop: async (graceMs) => {
      const patience = new AbortController();
      await Promise.race([Promise.allSettled([...unwritten]), clock.sleep(graceMs, patience.signal)]);
      patience.abort();
      stopping.abort();
      await Promise.allSettled([...unwritten]);
    },
  };
}
