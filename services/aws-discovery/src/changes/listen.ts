/** Receives from one queue for as long as the process runs. It never throws, and never spins. */
import type { ChangeQueue, QueueMessage } from '@federation-agent/aws-control-plane';
import type { Discovery } from '../deps.ts';
import type { QueueHealth } from './queue-health.ts';

/** @param take what is done with the messages; when it fails, they come again */
export async function listen(
  { clock, limits, random }: Pick<Discovery, 'clock' | 'limits' | 'random'>,
  queue: ChangeQueue,
  health: QueueHealth,
  take: (messages: readonly QueueMessage[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const stopped = (): boolean => signal.aborted;
  let failures = 0;
  while (!stopped()) {
    const began = clock.now();
    try {
      const messages = await queue.receive(signal);
      await take(messages);
      failures = 0;
      health.ok();
      // Some emulators do not wait for a message.
      if (messages.length === 0 && clock.now() - began < limits.backOffFirst)
        await clock.sleep(limits.backOffFirst, signal);
    } catch (error) {
      if (stopped()) return;
      health.failed(error);
      const longest = Math.min(limits.refusedRetry, limits.backOffFirst * 2 ** failures);
      failures = Math.min(failures + 1, 16);
      await clock.sleep(longest * (0.5 + random.fraction() / 2), signal);
    }
  }
}
