/**
 * The link's side of a gate. The gate's record, made by create-only, decides whether a key was written to APIM. The
 * link makes it with `writing` before it writes the reply, or somebody else makes it with `refused` first. Only the
 * link that wrote `writing` changes it to `delivered`, `unconfirmed` or `refused`.
 */
import { subscriptionKeys, type Gate, type Limits, type ReplyOutcome } from '@federation-agent/contracts';
import { type Clock, describeError, type Logger, type Randomness } from '@federation-agent/base';
import { type Bucket, changeRecord, dispositionOf } from '@federation-agent/broker';

/** A gate that this link has opened. */
interface OpenGate {
  /** Writes the outcome. Returns after the first try; when that fails, further tries follow in the background. */
  settle(outcome: ReplyOutcome['outcome']): Promise<void>;
}

export interface Gates {
  /**
   * Opens the gate of a SUBSCRIBE with the broker's acknowledgement.
   *
   * @param until epoch ms: without an acknowledgement by then the gate is not opened
   * @returns the gate, or why the reply must not be written
   */
  open(
    commandId: string,
    until: number,
    signal: AbortSignal,
  ): Promise<OpenGate | { readonly refused: string }>;
  /** Writes `refused` in the background, unless somebody was quicker: the reply was never written and never will be. */
  shut(commandId: string): void;
  /**
   * Waits for outcomes that are still to be written, then gives up: a gate that says `writing` reads as unconfirmed.
   */
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

  /** Tries until it works. A record that cannot be read is not overwritten. */
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

  /** Changes the record with our nonce to the outcome. A record that is not ours, or is already settled, stays. */
  const settle = async (
    commandId: string,
    nonce: string,
    outcome: ReplyOutcome['outcome'],
  ): Promise<void> => {
    await changeRecord(
      bucket,
      subscriptionKeys.gate(commandId),
      (current) =>
        current?.nonce === nonce && current.state === 'writing' ? gate(outcome, nonce) : undefined,
      { clock, random },
    );
  };
  /** Makes the gate `refused` when it is absent or ours. */
  const shut = async (commandId: string, nonce: string): Promise<void> => {
    const made = await bucket.create(subscriptionKeys.gate(commandId), gate('refused', nonce));
    if (made === undefined) await settle(commandId, nonce, 'refused');
  };

  /** The first writer wins. After a lost answer the nonce tells whether that was us. */
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
            settle: async (outcome) => {
              try {
                await settle(commandId, nonce, outcome);
              } catch {
                runInBackground(retryUntilWritten(commandId, () => settle(commandId, nonce, outcome)));
              }
            },
          };
        } catch (error) {
          reason = describeError(error);
          if (dispositionOf(error) !== 'retryable') break;
        }
        await clock.sleep(limits.publishRetry, signal);
      }
      // A create whose answer was lost may still have made the gate.
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
