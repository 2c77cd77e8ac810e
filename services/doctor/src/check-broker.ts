/** Checks the broker: connection, version, JetStream, permissions, clock. It writes nothing. */
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import {
  chunkBytes,
  namesOf,
  serviceNames,
  type BrokerConfig,
  type Limits,
  type ServiceName,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { isRecentEnough, readServers } from '@federation-agent/broker';
import {
  deniedText,
  permissionResult,
  tryPermissions,
  violationIn,
  type RightsWanted,
} from './broker-permissions.ts';
import { skewResult } from './clock-skew.ts';
import type { CheckName, CheckResult } from './result.ts';

export interface BrokerCheckOptions {
  readonly config: BrokerConfig;
  readonly limits: Limits;
  /** The services that the user is for; absent: the agent, which means all services. */
  readonly services?: readonly [ServiceName, ...ServiceName[]];
  /** Without secrets. */
  readonly shown: string;
}

const connectMs = 4_000;
const callMs = 3_000;
/** A chunk of a document, and its headers. */
const largestMessage = chunkBytes + 16 * 1024;

type Found = Omit<CheckResult, 'subject'>;

export async function* checkBroker({
  config,
  limits,
  services = serviceNames,
  shown: subject,
}: BrokerCheckOptions): AsyncGenerator<CheckResult> {
  const servers = await Promise.all(
    [readServers(config).servers ?? []].flat().map((server) => dial(config, services[0], server)),
  );
  const [first] = servers.flatMap(({ nc }) => nc ?? []);
  try {
    for (const { server, nc, error } of servers) {
      const at = servers.length === 1 ? subject : server;
      yield { ...(nc ? answers(nc) : unreachable(error, first !== undefined)), subject: at };
    }
    if (first === undefined) {
      const why = 'there is no connection to the broker';
      yield* skipped(subject, ['jetstream', 'broker permissions', 'clock'], why);
      return;
    }
    const { namespace, domain, replicas } = config;
    const wanted = { namespace, services, limits, ...(domain !== undefined && { domain }) };
    const jsm = await jetstreamManager(first, {
      timeout: callMs,
      checkAPI: false,
      ...(domain !== undefined && { domain }),
    });
    const jetStream = await jetStreamResult(first, jsm, replicas, wanted);
    yield { ...jetStream, subject };
    if (jetStream.status === 'failed') {
      yield* skipped(subject, ['broker permissions', 'clock'], 'JetStream cannot be used');
      return;
    }
    const rights = await tryPermissions(first, jsm, wanted);
    yield { ...permissionResult(rights, wanted), subject };
    yield {
      ...(rights.offset === undefined
        ? {
            check: 'clock',
            status: 'skipped',
            detail: 'the broker sends its time only after the agent has created its streams',
          }
        : skewResult(rights.offset, 'the broker', limits.clockSkew, limits.clockSkew)),
      subject,
    };
  } finally {
    await Promise.all(servers.flatMap(({ nc }) => nc?.close() ?? []));
  }
}

type Dialled = { readonly server: string; readonly nc?: NatsConnection; readonly error?: unknown };

/** Checks each server of the list: the agent needs only one, but its operators want to know about all. */
async function dial(config: BrokerConfig, service: ServiceName, server: string): Promise<Dialled> {
  try {
    const nc = await connect({
      ...readServers(config),
      servers: server,
      name: 'federation-agent-doctor',
      inboxPrefix: namesOf(config.namespace).inbox(service),
      timeout: connectMs,
      reconnect: false,
      maxReconnectAttempts: 0,
      ignoreClusterUpdates: true,
      noAsyncTraces: true,
    });
    return { server, nc };
  } catch (error) {
    return { server, error };
  }
}

function* skipped(subject: string, checks: readonly CheckName[], why: string): Generator<CheckResult> {
  for (const check of checks) yield { check, subject, status: 'skipped', detail: why };
}

function unreachable(error: unknown, others: boolean): Found {
  const reason = describeError(error);
  return {
    check: 'broker',
    status: others ? 'note' : 'failed',
    detail: `no connection: ${reason}${others ? '; the agent uses the other servers of the list' : ''}`,
    fix: others
      ? 'start that NATS server, or remove it from federation.broker.url (NATS_URL)'
      : mend(error, reason),
  };
}

function mend(error: unknown, reason: string): string {
  if (error instanceof errors.AuthorizationError || /authoriz|authentic/iu.test(reason))
    return 'set federation.broker.user and .password, or .token, .nkey or .creds, to values that the NATS server accepts';
  if (/ENOTFOUND|EAI_AGAIN/u.test(reason))
    return 'correct the name in federation.broker.url (NATS_URL), or let this host (or container) ask a name server that knows it';
  if (/tls|certificate|self-signed/iu.test(reason))
    return 'federation.broker.url (NATS_URL) must begin with tls:// when the NATS server uses TLS, otherwise with nats://; put the authority of its certificate into federation.broker.tls.ca';
  return 'start the NATS server, or correct federation.broker.url (NATS_URL); without it the agent starts its own broker';
}

function answers({ info }: NatsConnection): Found {
  const { version = 'unknown', max_payload: largest = 0 } = info ?? {};
  const failed = (detail: string, fix: string): Found => ({ check: 'broker', status: 'failed', detail, fix });
  if (!isRecentEnough(version))
    return failed(
      `nats-server ${version} is too old: it loses acknowledgements when it crashes`,
      'run nats-server 2.10 or newer',
    );
  return largest < largestMessage
    ? failed(
        `nats-server ${version} takes messages of ${largest} bytes, the agent sends up to ${largestMessage}`,
        'set max_payload of the NATS server to 1MB, its default',
      )
    : { check: 'broker', status: 'ok', detail: `nats-server ${version} answers` };
}

async function jetStreamResult(
  nc: NatsConnection,
  jsm: JetStreamManager,
  replicas: number,
  wanted: RightsWanted,
): Promise<Found> {
  const check = 'jetstream';
  try {
    const { streams, storage, limits } = await jsm.getAccountInfo();
    if (replicas > 1 && nc.info?.cluster === undefined)
      return {
        check,
        status: 'failed',
        detail: `federation.broker.replicas is ${replicas}, but this NATS server is not in a cluster`,
        fix: 'set federation.broker.replicas to 1, or use a cluster of at least that many servers',
      };
    const room = limits.max_storage < 0 ? 'without a limit' : `of ${limits.max_storage} bytes`;
    return { check, status: 'ok', detail: `on; ${streams} streams, ${storage} bytes ${room}` };
  } catch (error) {
    const denied = violationIn(error);
    if (denied) return { check, status: 'failed', ...deniedText([denied], wanted) };
    const reason = describeError(error);
    const forAccount = /for account/iu.test(reason);
    const off = forAccount || /not enabled|no responders/iu.test(reason);
    return {
      check,
      status: 'failed',
      detail: off
        ? `it is not switched on${forAccount ? ' for the account of this user' : ''}`
        : `no answer: ${reason}`,
      fix: forAccount
        ? 'set jetstream: enabled in this account in the configuration of the NATS server'
        : off
          ? 'switch it on in the configuration of the NATS server: jetstream { store_dir: "/data" }'
          : 'read the log of the NATS server; a cluster without a leader does not answer',
    };
  }
}
