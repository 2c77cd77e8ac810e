import { commandConsumer, CommandMessage, type WorkerKind } from '@federation-agent/contracts';
import { startAlive } from './alive.ts';
import { startConsumer } from '../messages/consume.ts';
import { createReplier } from './reply.ts';
import { runCommand } from './run-command.ts';
import type { WorkerOptions } from './worker-options.ts';

export interface RunningWorker {
  stop(graceMs: number): Promise<void>;
}

/** Handles the commands of one kind. It answers on `alive` while its pull loop turns and its clock is right. */
export async function startWorker<Kind extends WorkerKind>(
  options: WorkerOptions<Kind>,
): Promise<RunningWorker> {
  const { broker, kind, integrationIds, telemetry, instance, clock, payloads } = options;
  const { limits } = broker;
  const mine = new Set(integrationIds);

  const consumer = await startConsumer({
    broker,
    spec: commandConsumer(kind, broker),
    schema: CommandMessage,
    telemetry,
    instance,
    clock,
    accepts: (message) => mine.has(message.integrationId),
    handle: (message, context) => runCommand(options, message, context),
    onDead: async (message, reason) => {
      if (!message) return; // The link itself answers ERROR after 55 s.
      const { signal } = new AbortController();
      const replier = createReplier(message, { broker, payloads, signal, deliveries: 1 });
      await replier.reply({ status: 'ERROR', errorDetails: `this command cannot be handled: ${reason}` });
    },
  });

  const well = (): boolean =>
    clock.now() - consumer.lastTurn() <= limits.loopTurn &&
    Math.abs(broker.clockOffset()) <= limits.clockSkew;
  const alive = startAlive({ broker, kind, integrationIds, instance, well });

  return {
    stop: async (graceMs) => {
      alive.stop();
      await consumer.stop(graceMs);
    },
  };
}
