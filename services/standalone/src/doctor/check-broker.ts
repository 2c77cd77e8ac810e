/** The broker: connection, version, JetStream, permissions, clock. Nothing is written. */
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { bucketSpecs, streamSpecs, type BrokerConfig, type Limits } from '@federation-agent/contracts';
import { describeError, isRecentEnough, readServers } from '@federation-agent/service-kit';
import { skewResult } from './clock-skew.ts';
import type { CheckName, CheckResult } from './result.ts';
import { within } from './within.ts';

export interface BrokerCheckOptions {
  readonly config: BrokerConfig;
  readonly limits: Limits;
  /** As it may be shown. */
  readonly shown: string;
}

const connectMs = 4_000;
const callMs = 3_000;
const streamNotFound = 10_059;

type Found = Omit<CheckResult, 'subject'>;

export async function* checkBroker(options: BrokerCheckOptions): AsyncGenerator<CheckResult> {
  const { config, limits, shown: subject } = options;
  let nc: NatsConnection;
  try {
    nc = await connect({
      ...readServers(config),
      name: 'federation-agent-doctor',
      timeout: connectMs,
      reconnect: false,
      maxReconnectAttempts: 0,
      noAsyncTraces: true,
    });
  } catch (error) {
    yield { ...unreachable(error), subject };
    yield* skipped(
      subject,
      ['jetstream', 'broker permissions', 'clock'],
      'there is no connection to the broker',
    );
    return;
  }
  try {
    const version = nc.info?.version ?? 'unknown';
    yield { ...versionResult(version), subject };
    const jsm = await jetstreamManager(nc, { timeout: callMs, checkAPI: false });
    const jetStream = await jetStreamResult(jsm);
    yield { ...jetStream, subject };
    if (jetStream.status === 'failed') {
      yield* skipped(subject, ['broker permissions', 'clock'], 'there is no JetStream');
      return;
    }
    const found = await lookAtStreams(nc, jsm, limits);
    yield { ...permissionResult(found), subject };
    yield { ...skewResult(found.offset, 'the broker', limits.clockSkew, limits.clockSkew), subject };
  } finally {
    await nc.close();
  }
}

function* skipped(subject: string, checks: readonly CheckName[], why: string): Generator<CheckResult> {
  for (const check of checks) yield { check, subject, status: 'skipped', detail: why };
}

function unreachable(error: unknown): Found {
  const refusedLogin =
    error instanceof errors.AuthorizationError || /authoriz|authentic/iu.test(describeError(error));
  return {
    check: 'broker',
    status: 'failed',
    detail: `no connection: ${describeError(error)}`,
    fix: refusedLogin
      ? 'set federation.broker.user and federation.broker.password, or federation.broker.token, to what the NATS server knows'
      : 'start the NATS server, or correct federation.broker.url (NATS_URL); without it the agent brings a broker of its own',
  };
}

function versionResult(version: string): Found {
  return isRecentEnough(version)
    ? { check: 'broker', status: 'ok', detail: `nats-server ${version} answers` }
    : {
        check: 'broker',
        status: 'failed',
        detail: `nats-server ${version} is too old: it loses acknowledgements when it crashes`,
        fix: 'run nats-server 2.10 or newer',
      };
}

async function jetStreamResult(jsm: JetStreamManager): Promise<Found> {
  try {
    const { streams, storage, limits } = await jsm.getAccountInfo();
    const room = limits.max_storage < 0 ? 'without a limit' : `of ${limits.max_storage} bytes`;
    return { check: 'jetstream', status: 'ok', detail: `on; ${streams} streams, ${storage} bytes ${room}` };
  } catch (error) {
    const denied = error instanceof errors.PermissionViolationError;
    return {
      check: 'jetstream',
      status: 'failed',
      detail: denied ? 'the user may not ask for it' : `not to be had: ${describeError(error)}`,
      fix: denied
        ? 'let the user publish to $JS.API.> and subscribe to _INBOX.>'
        : 'switch it on in the configuration of the server: jetstream { store_dir: "/data" }, and for the account: jetstream: enabled',
    };
  }
}

interface Streams {
  readonly there: number;
  readonly all: number;
  /** Subjects that the user may not publish to. */
  readonly denied: readonly string[];
  readonly trouble: string | undefined;
  /** The broker's clock minus ours, ms. */
  readonly offset: number | undefined;
}

/**
 * Reads what the agent would read, and asks for streams to be made with a request that is no JSON: who may not ask hears
 * of the permission, who may hears that it cannot be read, and nothing is made either way.
 */
async function lookAtStreams(nc: NatsConnection, jsm: JetStreamManager, limits: Limits): Promise<Streams> {
  const names = [
    ...streamSpecs(limits).map(({ name }) => name),
    ...bucketSpecs(limits).map(({ name }) => `KV_${name}`),
  ];
  const denied: string[] = [];
  let there = 0;
  let trouble: string | undefined;
  let offset: number | undefined;
  const note = (error: unknown, subject: string): void => {
    if (error instanceof errors.PermissionViolationError) denied.push(subject);
    else trouble ??= describeError(error);
  };
  await Promise.all(
    names.map(async (name) => {
      const before = Date.now();
      await within(callMs, jsm.streams.info(name)).then(
        ({ ts = '' }) => {
          there += 1;
          const time = Date.parse(ts);
          if (Number.isFinite(time)) offset ??= time - (before + Date.now()) / 2;
        },
        (error: unknown) => {
          if (codeOf(error) !== streamNotFound) note(error, `$JS.API.STREAM.INFO.${name}`);
        },
      );
      const make = `$JS.API.STREAM.CREATE.${name}`;
      await nc.request(make, 'no JSON', { timeout: callMs }).catch((error: unknown) => note(error, make));
    }),
  );
  return { there, all: names.length, denied, trouble, offset };
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
}

function permissionResult({ there, all, denied, trouble }: Streams): Found {
  const check = 'broker permissions';
  if (denied.length > 0) {
    return {
      check,
      status: 'failed',
      detail: `the user may not publish to ${denied.toSorted().slice(0, 3).join(', ')}${denied.length > 3 ? ` and ${denied.length - 3} more` : ''}`,
      fix: 'let the user publish and subscribe to $JS.API.>, $JS.ACK.>, $KV.>, _INBOX.> and the subjects of the agent (docs/broker.md)',
    };
  }
  if (trouble !== undefined)
    return { check, status: 'failed', detail: trouble, fix: 'look into the log of the NATS server' };
  const state = there === all ? 'all are there' : `${there} of ${all} are there, the agent makes the rest`;
  return {
    check,
    status: 'ok',
    detail: `streams and buckets may be read and made; ${state}. Publishing cannot be tried without writing`,
  };
}
