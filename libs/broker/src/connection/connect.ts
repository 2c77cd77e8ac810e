import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  namesOf,
  subjectsOf,
  type BrokerConfig,
  type Limits,
  type ServiceName,
} from '@federation-agent/contracts';
import {
  type Clock,
  ConfigurationError,
  describeError,
  systemClock,
  type Telemetry,
} from '@federation-agent/base';
import { BrokerUnavailableError } from '../errors.ts';
import type { Broker } from '../broker.ts';
import { watchClock } from './clock-offset.ts';
import { watchConnection } from './connection.ts';
import { readServers } from './servers.ts';

export interface ConnectOptions {
  readonly config: BrokerConfig;
  /** The service whose inboxes are used. */
  readonly service: ServiceName;
  /** The agent's instance; the broker shows it. */
  readonly name: string;
  readonly limits: Limits;
  readonly telemetry: Telemetry;
  readonly clock?: Clock;
  /** Aborting it stops the wait for the first connection. */
  readonly signal?: AbortSignal;
}

/**
 * Before 2.10 the server undoes acks that come out of order (101 of 458 messages came back after a SIGKILL, 76 of them
 * to nobody), silently overwrites consumers that differ, and does not have `sync_interval`.
 */
const minimum = [2, 10] as const;

/** A dead peer is noticed after two of these; the client's default takes minutes. */
const pingIntervalMs = 5_000;
const reconnectWaitMs = 250;

/**
 * Waits until the broker is there, then keeps the connection for good.
 *
 * @throws ConfigurationError when the server is too old; BrokerUnavailableError when `signal` is aborted
 */
export async function connectBroker(options: ConnectOptions): Promise<Broker> {
  const { config, name, limits, telemetry, clock = systemClock } = options;
  const { namespace, domain } = config;
  const names = namesOf(namespace, domain);
  const nc = await firstConnection(options);
  const version = nc.info?.version ?? 'unknown';
  if (!isRecentEnough(version)) {
    await nc.close();
    throw new ConfigurationError([
      `federation.broker.url: nats-server ${version} is too old: ${minimum.join('.')} is the minimum, because older ones lose acknowledgements when they crash`,
    ]);
  }
  // A call during a network cut hangs for its whole time-out; the default of 5 s made gaps of 5 s.
  const inDomain = { timeout: limits.brokerCall, ...(domain !== undefined && { domain }) };
  const js = jetstream(nc, inDomain);
  const jsm = await jetstreamManager(nc, { ...inDomain, checkAPI: false });
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const connection = watchConnection(nc, clock, telemetry.log, changed);
  const offset = watchClock({ js, jsm, names, name, limits, clock, onMeasured: changed });
  return {
    name,
    nc,
    js,
    jsm,
    names,
    subjects: subjectsOf(namespace),
    limits,
    telemetry,
    clock,
    connected: () => connection.connected(),
    downSince: () => connection.downSince(),
    onReconnect: (listener) => connection.onReconnect(listener),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clockOffset: () => offset.current(),
    close: async () => {
      offset.stop();
      await nc.close();
    },
  };
}

/**
 * Tries every 250 ms. The client's own `waitOnFirstConnect` does the same, but it does not say why it waits and cannot
 * be stopped.
 */
async function firstConnection(options: ConnectOptions): Promise<NatsConnection> {
  const { service, name, config, telemetry, signal, clock = systemClock } = options;
  const servers = readServers(config);
  let said = '';
  for (;;) {
    try {
      return await connect({
        ...servers,
        name,
        inboxPrefix: namesOf(config.namespace).inbox(service),
        timeout: 5_000,
        maxReconnectAttempts: -1,
        reconnectTimeWait: reconnectWaitMs,
        pingInterval: pingIntervalMs,
        noAsyncTraces: true,
        ignoreAuthErrorAbort: true,
      });
    } catch (error) {
      const reason = describeError(error);
      if (reason !== said) telemetry.log.warn({ reason }, 'the broker cannot be reached; trying again');
      said = reason;
    }
    await clock.sleep(reconnectWaitMs, signal);
    if (signal?.aborted) throw new BrokerUnavailableError('gave up waiting for the broker');
  }
}

/** Whether a nats-server of this version is recent enough. */
export function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}
