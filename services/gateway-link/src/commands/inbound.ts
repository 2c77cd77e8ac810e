/** A command's way in: from a frame to COMMANDS. Commands that need no worker are answered here. */
import {
  channelCommandTypes,
  commandPayloadSchemas,
  encodeReply,
  failed,
  isWorkerCommand,
  messageIds,
  PrimaryPayload,
  succeeded,
  unhandledCommand,
  unknownCommand,
  type Command,
  type CommandMessage,
  type HealthCheckReply,
  type Limits,
  type ParsedFrame,
  type Reply,
  type WorkerCommandType,
} from '@federation-agent/contracts';
import {
  type Clock,
  describeError,
  idsInPayload,
  type Metrics,
  type Telemetry,
  workAttributes,
} from '@federation-agent/base';
import { type Broker, type ChunkStore, publish, retryUntil, toClaim } from '@federation-agent/broker';
import type { LinkSocket } from '../channel/link-socket.ts';
import type { linkMetrics } from '../metrics.ts';
import { createLogOnce } from '../log-once.ts';
import type { Answers } from './answers.ts';

/** More open commands of one integration than this are a flood: each further one gets ERROR at once. */
const maxOpenCommands = 1_000;

export interface InboundOptions {
  readonly integrationId: string;
  readonly linkId: string;
  readonly broker: Broker;
  readonly payloads: ChunkStore;
  readonly answers: Answers;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics<typeof linkMetrics>;
  readonly limits: Limits;
  readonly clock: Clock;
  /** The answer to HEALTH_CHECK. */
  readonly health: () => HealthCheckReply;
  /** At shutdown: why no command is accepted any more. */
  readonly closedFor: () => string | undefined;
}

/** Handles one frame; never throws. `active`: HELLO was accepted on this socket. */
export type Inbound = (frame: ParsedFrame, socket: LinkSocket, active: boolean) => void;

export function createInbound(options: InboundOptions): Inbound {
  const { integrationId, telemetry, metrics, health, closedFor, answers } = options;
  const log = telemetry.forArea('commands').log.child({ integrationId });
  const unreadable = createLogOnce(
    log,
    'APIM sent a message that is not a frame of the exchange protocol: check that the endpoint leads to the integration controller, and that no proxy changes the traffic',
  );
  const invalid = createLogOnce(log, 'APIM sent a command whose payload is not as expected');
  const unknown = createLogOnce(log, 'APIM sent a command that this agent does not know');

  const handle = (command: Command, socket: LinkSocket, active: boolean): void => {
    const { id, type, payload } = command;
    const say = (reply: Reply): void => void socket.write(encodeReply(reply));
    if (type === 'HEALTH_CHECK') {
      say(succeeded(id, type, health()));
    } else if (type === 'PRIMARY') {
      const primary = PrimaryPayload.safeParse(payload).data?.primary ?? false;
      log.info(
        { primary },
        primary ? 'this channel is the primary one' : 'another channel is primary; commands come either way',
      );
      say(succeeded(id, type));
    } else if (type === 'INGEST' || type === 'HELLO') {
      unknown(type, { type });
      say(unhandledCommand(id, type));
    } else if (!isWorkerCommand(type)) {
      unknown(type, { type });
      say(unknownCommand(id));
    } else {
      const reason = reasonNotToTake(command, type, active);
      if (reason === undefined) take(command, type, socket);
      else say(failed(id, type, reason));
    }
  };

  const reasonNotToTake = (
    { payload }: Command,
    type: WorkerCommandType,
    active: boolean,
  ): string | undefined => {
    if (!active) return 'the agent is not connected yet; try again';
    const closed = closedFor();
    if (closed !== undefined) return closed;
    if (answers.open(integrationId) >= maxOpenCommands)
      return 'the agent has too many open commands; try again';
    const parsed = commandPayloadSchemas[type].safeParse(payload);
    if (parsed.success) return undefined;
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'payload'))].join(
      ', ',
    );
    metrics.invalidPayloads.inc({ integration: integrationId, type });
    invalid(`${type}: ${fields}`, { type });
    return `the payload of ${type} is not as expected: ${fields}`;
  };

  const take = (command: Command, type: WorkerCommandType, socket: LinkSocket): void => {
    const { id: commandId } = command;
    const receivedAt = options.clock.now();
    const held = answers.take({ commandId, type, integrationId, socketId: socket.id, receivedAt }, socket);
    if (held === 'held') return;
    if (held === 'settled') {
      void socket.write(encodeReply(failed(commandId, type, 'this command was answered before')));
      return;
    }
    const attributes = {
      'apim.command.type': type,
      ...workAttributes({
        command: commandId,
        integration: integrationId,
        ...idsInPayload(command.payload),
      }),
    };
    void telemetry.span(`APIM ${type}`, { kind: 'server', attributes }, async (span) => {
      metrics.pending.set({ integration: integrationId }, answers.open(integrationId));
      await send(command, type, socket, receivedAt);
      const { outcome, status } = await held.answered;
      span.setAttribute('federation.reply.outcome', outcome);
      span.setAttribute('apim.reply.status', status);
      metrics.replies.inc({ integration: integrationId, type, status, outcome });
      metrics.commandSeconds.observe(
        { integration: integrationId, type },
        (options.clock.now() - receivedAt) / 1000,
      );
      metrics.pending.set({ integration: integrationId }, answers.open(integrationId));
      log.info({ commandId, type, status, outcome, ms: options.clock.now() - receivedAt }, 'command done');
    });
  };

  /** Publishes to COMMANDS with the same id until the deadline; after that the caller gets an ERROR. */
  const send = async (
    command: Command,
    type: WorkerCommandType,
    socket: LinkSocket,
    receivedAt: number,
  ): Promise<void> => {
    const { broker, payloads, limits, clock, linkId } = options;
    const deadline = receivedAt + limits.commandDeadline;
    try {
      const message: CommandMessage = {
        commandId: command.id,
        type,
        integrationId,
        linkId,
        receivedAt,
        deadline,
        payload: await retryUntil(() => toClaim(payloads, command.payload), {
          until: deadline,
          clock,
          limits,
          signal: socket.gone,
        }),
      };
      await publish(broker, broker.subjects.command(type, integrationId), message, {
        id: messageIds.command(command.id),
        until: deadline,
        signal: socket.gone,
      });
    } catch (error) {
      if (socket.gone.aborted) return;
      log.error(
        { commandId: command.id, type, reason: describeError(error) },
        'a command could not be passed on',
      );
      answers.giveUp(command.id, 'the agent could not pass the command on to its workers; try again');
    }
  };

  return (frame, socket, active) => {
    switch (frame.kind) {
      case 'unreadable':
        metrics.unreadable.inc({ integration: integrationId });
        unreadable(frame.reason, {});
        return;
      case 'reply':
        // A reply that nobody waits for any more: it is late, or answers a command of an earlier socket.
        metrics.frames.inc({ integration: integrationId, type: 'reply' });
        return;
      case 'command':
        metrics.frames.inc({ integration: integrationId, type: typeLabel(frame.command.type) });
        if (!socket.gone.aborted) handle(frame.command, socket, active);
    }
  };
}

/** Types that a peer invents must not become labels. */
function typeLabel(type: string): string {
  const known: readonly string[] = [...channelCommandTypes, 'INGEST'];
  return isWorkerCommand(type) || known.includes(type) ? type : 'unknown';
}
