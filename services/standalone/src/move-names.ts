/**
 * Moves records to names with the namespace. For the embedded broker this happens at the start; for a broker of the
 * user's there is the command `broker-move`. Records written before namespaces existed have names without one.
 */
import { parseArgs } from 'node:util';
import { limitsAt, type BrokerConfig, type Limits } from '@federation-agent/contracts';
import {
  ConfigurationError,
  createTelemetry,
  describeError,
  type Telemetry,
  version,
} from '@federation-agent/base';
import { connectBroker, type Move, moveOldNames } from '@federation-agent/broker';
import { loadConfig } from '@federation-agent/configuration';

export interface MoveOptions {
  readonly config: BrokerConfig;
  readonly limits: Limits;
  readonly telemetry: Telemetry;
  readonly signal?: AbortSignal;
}

/** @throws OldNamesError, BrokerUnavailableError */
async function moveNames({ config, limits, telemetry, signal }: MoveOptions): Promise<Move> {
  const broker = await connectBroker({
    config,
    service: 'subscription-manager',
    name: 'federation-agent-move',
    limits,
    telemetry,
    ...(signal && { signal }),
  });
  try {
    return await moveOldNames(broker, config.replicas);
  } finally {
    await broker.close();
  }
}

/** On the embedded broker no other replica can be at work, so the move needs no command. */
export async function moveOwnNames(options: MoveOptions): Promise<void> {
  const { log } = options.telemetry;
  const { records, deleted, left } = await moveNames(options);
  if (deleted.length > 0)
    log.info(
      { records, deleted },
      'moved the records to names with the namespace and deleted the old streams',
    );
  if (left.length > 0)
    log.warn(
      { streams: left },
      'an older version ran here again after this one; its streams are left alone, and this version does not see what it wrote',
    );
}

const help = `federation-agent broker-move: moves the records on a broker of yours from names without a namespace
(COMMANDS, KV_subscriptions, ...) to those with federation.broker.namespace, then deletes the old streams.

Stop every replica of every service first. You may run it again: it finishes a move that was interrupted.
The NATS user must be able to read and delete the old streams: use one without restrictions.

Options:
  -c, --config a.yml,b.yml   configuration files, as for the agent. From them and the
                             environment it reads only federation.broker (NATS_URL)
  -h, --help                 this text

Exit status: 0 moved, or nothing to move; 1 not moved; 2 wrong configuration.
`;

/** @throws ConfigurationError */
function optionsOf(argv: readonly string[]): {
  readonly help: boolean;
  readonly config?: readonly string[] | undefined;
} {
  try {
    const options = {
      help: { type: 'boolean', short: 'h', default: false },
      config: { type: 'string', short: 'c', multiple: true },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new ConfigurationError([`${describeError(error)}; --help names the options`]);
  }
}

/** `broker-move` as a command. @returns its exit status */
export async function moveCommand(argv: readonly string[]): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const complain = (line: string): void =>
    void process.stderr.write(`federation-agent broker-move: ${line}\n`);
  try {
    const values = optionsOf(argv);
    if (values.help) {
      process.stdout.write(help);
      return 0;
    }
    const { config, secrets } = await loadConfig({
      argv: (values.config ?? []).flatMap((file) => ['--config', file]),
      env: process.env,
      cwd: process.cwd(),
    });
    const { broker } = config.federation;
    if (broker.url === undefined) {
      complain(
        'federation.broker.url (NATS_URL) is not set; the agent moves the records on its own broker by itself',
      );
      return 2;
    }
    const telemetry = createTelemetry({
      service: 'broker-move',
      instance: 'broker-move',
      version,
      level: 'warn',
      secrets,
      destination: process.stderr,
    });
    const { records, deleted, left } = await moveNames({ config: broker, limits: limitsAt(1), telemetry });
    for (const [bucket, count] of Object.entries(records)) say(`${bucket}: ${count} records moved`);
    if (deleted.length > 0) say(`deleted: ${deleted.join(', ')}`);
    else if (left.length > 0) {
      complain(
        `nothing was moved: the namespace ${broker.namespace} has records already. The streams ${left.join(', ')} belong to another installation, or are no longer needed (delete them with nats stream rm)`,
      );
      return 1;
    } else say('nothing to move');
    return 0;
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const line of error.lines) complain(line);
      return 2;
    }
    complain(describeError(error));
    return 1;
  }
}
