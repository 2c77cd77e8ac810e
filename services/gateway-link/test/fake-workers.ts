/** Workers of both kinds that do only what a test says. They speak over a real broker. */
import {
  commandConsumer,
  CommandMessage,
  ReplyOutcome,
  workerKinds,
  type ReplyRequest,
  type WorkerKind,
} from '@federation-agent/contracts';
import { systemClock, type Telemetry } from '@federation-agent/base';
import { type Broker, startConsumer } from '@federation-agent/broker';

export interface FakeWorkers {
  /** The first command of an integration (and type), come or still to come. */
  readonly command: (integrationId: string, type?: string) => Promise<CommandMessage>;
  /** All that came. */
  readonly commands: readonly CommandMessage[];
  /** One request to the link; what it answered. */
  readonly reply: (
    command: CommandMessage,
    reply: Omit<ReplyRequest, 'commandId' | 'type'>,
  ) => Promise<ReplyOutcome>;
  /** Kinds that answer `alive`; change it at will. */
  readonly alive: Set<WorkerKind>;
  readonly stop: () => Promise<void>;
}

export async function startFakeWorkers(broker: Broker, telemetry: Telemetry): Promise<FakeWorkers> {
  const commands: CommandMessage[] = [];
  const waiting: {
    readonly fits: (command: CommandMessage) => boolean;
    readonly resolve: (command: CommandMessage) => void;
  }[] = [];
  const alive = new Set<WorkerKind>(workerKinds);
  const subscriptions = workerKinds.map((kind) =>
    broker.nc.subscribe(broker.subjects.allAlive(kind), {
      callback: (_error, message) => {
        if (alive.has(kind)) message.respond(JSON.stringify({ instance: 'fake', at: Date.now() }));
      },
    }),
  );
  const consumers = await Promise.all(
    workerKinds.map((kind) =>
      startConsumer({
        broker,
        spec: commandConsumer(kind, broker),
        schema: CommandMessage,
        telemetry,
        instance: `fake-${kind}`,
        clock: systemClock,
        handle: (command) => {
          commands.push(command);
          for (const wait of waiting.filter(({ fits }) => fits(command))) wait.resolve(command);
          return Promise.resolve();
        },
      }),
    ),
  );
  return {
    commands,
    alive,
    command: (integrationId, type) => {
      const fits = (command: CommandMessage): boolean =>
        command.integrationId === integrationId && (type === undefined || command.type === type);
      const found = commands.find(fits);
      return found ? Promise.resolve(found) : new Promise((resolve) => waiting.push({ fits, resolve }));
    },
    reply: async ({ commandId, type, linkId }, reply) => {
      const request: ReplyRequest = { commandId, type, ...reply };
      const answer = await broker.nc.request(broker.subjects.linkReply(linkId), JSON.stringify(request), {
        timeout: 15_000,
      });
      return ReplyOutcome.parse(answer.json());
    },
    stop: async () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      await Promise.all(consumers.map((consumer) => consumer.stop(0)));
    },
  };
}
