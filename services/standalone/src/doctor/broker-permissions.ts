/**
 * What the user of the broker may do, tried without leaving anything behind. Requests of the JetStream API carry a body that
 * is no JSON; messages for a stream say that they expect another one, so that none takes them; acks, replies and questions go
 * to names that nobody has. Who may not ask hears of the permission; who may hears of something else, and nothing is made.
 */
import { randomUUID } from 'node:crypto';
import type { JetStreamManager } from '@nats-io/jetstream';
import { errors, headers, type NatsConnection } from '@nats-io/transport-node';
import {
  bucketSpecs,
  buckets,
  streams,
  streamSpecs,
  subjects,
  workerKinds,
  type Limits,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/service-kit';
import type { CheckResult } from './result.ts';
import { within } from './within.ts';

/** What the agent's user must have, in the form of a permission of nats-server. */
const grants = {
  publish: ['$JS.API.>', '$JS.ACK.>', '$KV.>', 'federation.v1.>'],
  subscribe: ['_INBOX.>', 'federation.v1.>'],
} as const;

export interface Denied {
  readonly verb: keyof typeof grants;
  readonly subject: string;
}

export interface BrokerRights {
  readonly streamsThere: number;
  readonly streamsWanted: number;
  readonly denied: readonly Denied[];
  readonly trouble: string | undefined;
  /** The broker's clock minus ours, ms. */
  readonly offset: number | undefined;
}

/** Of the doctor: no stream, consumer, link or integration has it. */
const nobody = 'federation-agent-doctor';
const callMs = 3_000;
const streamNotFound = 10_059;

export async function tryPermissions(
  nc: NatsConnection,
  jsm: JetStreamManager,
  limits: Limits,
): Promise<BrokerRights> {
  const names = [
    ...streamSpecs(limits).map(({ name }) => name),
    ...bucketSpecs(limits).map(({ name }) => `KV_${name}`),
  ];
  const denied: Denied[] = [];
  let trouble: string | undefined;
  let streamsThere = 0;
  let offset: number | undefined;
  const note = (error: unknown): void => {
    const violation = violationIn(error);
    if (violation) denied.push(violation);
    // No responders: it may be asked, and nobody has that name.
    else if (!causes(error).some((cause) => cause instanceof errors.NoRespondersError))
      trouble ??= describeError(error);
  };
  const ask = async (subject: string): Promise<void> => {
    await nc.request(subject, 'no JSON', { timeout: callMs }).catch(note);
  };
  const publish = async (subject: string): Promise<void> => {
    const expecting = headers();
    expecting.set('Nats-Expected-Stream', nobody);
    await nc.request(subject, '', { timeout: callMs, headers: expecting }).catch(note);
  };
  const info = async (name: string): Promise<void> => {
    const before = Date.now();
    await within(callMs, jsm.streams.info(name)).then(
      ({ ts = '' }) => {
        streamsThere += 1;
        const time = Date.parse(ts);
        if (Number.isFinite(time)) offset ??= time - (before + Date.now()) / 2;
      },
      (error: unknown) => {
        if (codeOf(error) !== streamNotFound) note(error);
      },
    );
  };
  const listen = async (subject: string): Promise<void> => {
    const subscription = nc.subscribe(subject, {
      callback: (error) => {
        if (error) note(error);
      },
    });
    await within(callMs, nc.flush()).catch(note);
    subscription.unsubscribe();
  };
  await Promise.all([
    ...names.flatMap((name) => [
      info(name),
      ask(`$JS.API.STREAM.CREATE.${name}`),
      ask(`$JS.API.STREAM.UPDATE.${name}`),
    ]),
    ...[streams.commands, streams.ingest].flatMap((name) => [
      ask(`$JS.API.CONSUMER.CREATE.${name}.${nobody}`),
      ask(`$JS.API.CONSUMER.MSG.NEXT.${name}.${nobody}`),
      ask(`$JS.ACK.${name}.${nobody}.1.1.1.1.0`),
    ]),
    publish(subjects.command('DISCOVER', nobody)),
    publish(subjects.command('SUBSCRIBE', nobody)),
    publish(subjects.ingest(nobody)),
    publish(subjects.event('link', nobody)),
    publish(subjects.dead(nobody)),
    ...Object.values(buckets).map((name) => publish(`$KV.${name}.${nobody}`)),
    publish(subjects.linkReply(nobody)),
    listen(subjects.linkReply(`${nobody}-${randomUUID()}`)),
    ...workerKinds.flatMap((kind) => [
      publish(subjects.alive(kind, nobody)),
      listen(subjects.alive(kind, nobody)),
    ]),
  ]);
  return { streamsThere, streamsWanted: names.length, denied, trouble, offset };
}

/** The permission that an error is about; the client wraps it. */
export function violationIn(error: unknown): Denied | undefined {
  const violation = causes(error).find((cause) => cause instanceof errors.PermissionViolationError);
  if (violation === undefined) return undefined;
  return { verb: violation.operation === 'publish' ? 'publish' : 'subscribe', subject: violation.subject };
}

function causes(error: unknown): readonly unknown[] {
  const found: unknown[] = [];
  for (
    let at = error;
    typeof at === 'object' && at !== null && found.length < 5;
    at = Reflect.get(at, 'cause')
  )
    found.push(at);
  return found;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
}

export function permissionResult(rights: BrokerRights): Omit<CheckResult, 'subject'> {
  const { streamsThere, streamsWanted, denied, trouble } = rights;
  const check = 'broker permissions';
  if (denied.length > 0) return { check, status: 'failed', ...deniedText(denied) };
  if (trouble !== undefined)
    return { check, status: 'failed', detail: trouble, fix: 'look into the log of the NATS server' };
  const state =
    streamsThere === streamsWanted
      ? 'all are there'
      : `${streamsThere} of ${streamsWanted} are there, the agent makes the rest`;
  return { check, status: 'ok', detail: `every subject is allowed; of the streams and buckets ${state}` };
}

export function deniedText(denied: readonly Denied[]): { detail: string; fix: string } {
  const verbs = (['publish', 'subscribe'] as const)
    .map((verb) => ({ verb, found: subjectsOf(denied, verb) }))
    .filter(({ found }) => found.length > 0);
  return {
    detail: `the user may not ${verbs.map(({ verb, found }) => `${verb} to ${listed(found)}`).join(', and not ')}`,
    fix: `in the permissions of this user at the NATS server, allow ${verbs
      .map(
        ({ verb, found }) =>
          `${verb}: ${JSON.stringify(grants[verb].filter((grant) => covers(grant, found)))}`,
      )
      .join(', ')}, and take away what denies a part of it`,
  };
}

function subjectsOf(denied: readonly Denied[], verb: Denied['verb']): readonly string[] {
  const found = denied.filter((one) => one.verb === verb).map(({ subject }) => readable(subject));
  return [...new Set(found)].toSorted((a, b) => a.localeCompare(b));
}

/** Without names that are made up. */
function readable(subject: string): string {
  return subject.startsWith('_INBOX.')
    ? '_INBOX.>'
    : subject.replace(new RegExp(`\\.${nobody}.*$`, 'u'), '.>');
}

function listed(found: readonly string[]): string {
  const [shown, rest] = [found.slice(0, 3).join(', '), found.length - 3];
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function covers(grant: string, found: readonly string[]): boolean {
  return found.some((subject) => subject.startsWith(grant.slice(0, -1)));
}
