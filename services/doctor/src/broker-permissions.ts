/**
 * Checks what the broker's user may do, without leaving anything behind. Requests of the JetStream API have a body that
 * is not JSON. Messages for a stream say that they expect another stream, so that none stores them. Acks, replies and
 * questions go to names that nobody has. A user without the permission gets a permission error; a user with it gets
 * another error, and nothing is created.
 */
import type { JetStreamManager } from '@nats-io/jetstream';
import { errors, headers, type NatsConnection } from '@nats-io/transport-node';
import {
  bucketSpecs,
  namesOf,
  permissionsOfAll,
  streamSpecs,
  subjectsOf,
  type BrokerConfig,
  type Limits,
  type Permissions,
  type ServiceName,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import type { CheckResult } from './result.ts';
import { withTimeout } from './with-timeout.ts';

export interface Denied {
  readonly verb: keyof Permissions;
  readonly subject: string;
}

/** The user must be able to do what all of these services do. */
export interface RightsWanted extends Pick<BrokerConfig, 'namespace' | 'domain'> {
  readonly services: readonly ServiceName[];
  readonly limits: Limits;
}

export interface BrokerRights {
  readonly streamsThere: number;
  readonly streamsWanted: number;
  readonly denied: readonly Denied[];
  readonly trouble: string | undefined;
  /** The broker's clock minus ours, ms. */
  readonly offset: number | undefined;
}

/** A name for the doctor: no stream, consumer, link or integration has it. */
const nobody = 'federation-agent-doctor';
const callMs = 3_000;
const streamNotFound = 10_059;

export async function tryPermissions(
  nc: NatsConnection,
  jsm: JetStreamManager,
  { namespace, domain, services, limits }: RightsWanted,
): Promise<BrokerRights> {
  const names = namesOf(namespace, domain);
  const owned = (spec: { readonly owners: readonly ServiceName[] }): boolean =>
    services.some((service) => spec.owners.includes(service));
  const wanted = [
    ...streamSpecs({ subjects: subjectsOf(namespace), limits })
      .filter(owned)
      .map(({ name }) => names.stream(name)),
    ...bucketSpecs(limits)
      .filter(owned)
      .map(({ name }) => names.bucketStream(name)),
  ];
  const { publish: said, subscribe: heard } = permissionsOfAll(services, namespace, domain);
  const denied: Denied[] = [];
  let trouble: string | undefined;
  let streamsThere = 0;
  let offset: number | undefined;
  const note = (error: unknown): void => {
    const violation = violationIn(error);
    if (violation) denied.push(violation);
    // No responders: the request was allowed, and nobody has that name.
    else if (!causes(error).some((cause) => cause instanceof errors.NoRespondersError))
      trouble ??= describeError(error);
  };
  const ask = async (subject: string): Promise<void> => {
    await nc.request(subject, '{no JSON', { timeout: callMs }).catch(note);
  };
  const publish = async (subject: string): Promise<void> => {
    const expecting = headers();
    expecting.set('Nats-Expected-Stream', nobody);
    await nc.request(subject, '', { timeout: callMs, headers: expecting }).catch(note);
  };
  const info = async (name: string): Promise<void> => {
    const before = Date.now();
    await withTimeout(callMs, jsm.streams.info(name)).then(
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
    await withTimeout(callMs, nc.flush()).catch(note);
    subscription.unsubscribe();
  };
  await Promise.all([
    ...wanted.map(info),
    ...said.map((grant) => {
      const subject = withName(grant);
      // Behind a domain, the subjects for writing records start with the API prefix too.
      return subject.startsWith(names.api) && !subject.includes('.API.$KV.')
        ? ask(subject)
        : publish(subject);
    }),
    ...heard.map((grant) => listen(withName(grant))),
  ]);
  return { streamsThere, streamsWanted: wanted.length, denied, trouble, offset };
}

/** A subject that the grant covers and that nobody uses. */
function withName(grant: string): string {
  return grant.replaceAll(/(?<=\.)[*>]/gu, nobody);
}

/** The permission that an error is about; the client wraps the error. */
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

export function permissionResult(rights: BrokerRights, wanted: RightsWanted): Omit<CheckResult, 'subject'> {
  const { streamsThere, streamsWanted, denied, trouble } = rights;
  const check = 'broker permissions';
  if (denied.length > 0) return { check, status: 'failed', ...deniedText(denied, wanted) };
  if (trouble !== undefined)
    return { check, status: 'failed', detail: trouble, fix: 'read the log of the NATS server' };
  const state =
    streamsThere === streamsWanted
      ? 'all are there'
      : `${streamsThere} of ${streamsWanted} are there, the agent makes the rest`;
  return { check, status: 'ok', detail: `every subject is allowed; of the streams and buckets ${state}` };
}

export function deniedText(
  denied: readonly Denied[],
  { services, namespace, domain }: RightsWanted,
): { detail: string; fix: string } {
  const grants = permissionsOfAll(services, namespace, domain);
  const verbs = (['publish', 'subscribe'] as const)
    .map((verb) => {
      const found = denied.filter((one) => one.verb === verb).map(({ subject }) => subject);
      return { verb, missing: grants[verb].filter((grant) => found.some((one) => covers(grant, one))) };
    })
    .filter(({ missing }) => missing.length > 0);
  return {
    detail: `the user may not ${verbs.map(({ verb, missing }) => `${verb} to ${listed(missing)}`).join(', and not ')}`,
    fix: `give this user the permissions that npm run broker:users -- --namespace ${namespace}${domain === undefined ? '' : ` --domain ${domain}`} prints, and remove each rule that denies a part of them: allow ${verbs
      .map(({ verb, missing }) => `${verb}: [${listed(missing.map((grant) => JSON.stringify(grant)))}]`)
      .join(', ')}`,
  };
}

function listed(found: readonly string[]): string {
  const [shown, rest] = [found.slice(0, 3).join(', '), found.length - 3];
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** The grant is the subject that was tried, or it covers that subject. */
function covers(grant: string, subject: string): boolean {
  const tokens = subject.split('.');
  const pattern = grant.split('.');
  return (
    pattern.every((want, index) => want === '*' || want === '>' || want === tokens[index]) &&
    (pattern.at(-1) === '>' ? tokens.length >= pattern.length : tokens.length === pattern.length)
  );
}
