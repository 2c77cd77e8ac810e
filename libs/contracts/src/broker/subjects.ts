/** Builds and parses every subject. A subject starts with `<namespace>.v1.`; an id is one token (`idToken`). */
import { idToken } from '../ids.ts';
import type { WorkerCommandType } from '../exchange/integration.ts';
import { workerCommands } from '../exchange/integration.ts';
import type { StreamName } from './streams.ts';

/** A kind of worker: the service that answers a command. */
export type WorkerKind = (typeof workerCommands)[WorkerCommandType];
export const workerKinds = ['discovery', 'subscription'] as const satisfies readonly WorkerKind[];

/** Kinds of events; the second token of `event.<kind>.<what>.<about>`. */
export type EventKind = 'api' | 'subscription' | 'link' | 'scan' | 'receipt' | 'operator';

/** What an operator may ask about; `operator.<topic>.<token>`, see `operator.ts`. */
export type OperatorTopic = 'scan' | 'look' | 'subscription' | 'keys' | 'dead';
/** What every process tells about itself. */
export type NodeTopic = 'status' | 'configuration';

export type Subjects = ReturnType<typeof subjectsOf>;

/** @param namespace one token; it separates installations that share a broker */
export function subjectsOf(namespace: string) {
  const root = `${namespace}.v1`;
  return {
    /** `command.{discovery,subscription}.<verb>.<integration>`; the verb is the command type in lower case. */
    command: (type: WorkerCommandType, integrationId: string): string =>
      `${root}.command.${workerCommands[type]}.${type.toLowerCase()}.${idToken(integrationId)}`,
    /** All commands of a kind of worker. */
    commandsOf: (kind: WorkerKind): string => `${root}.command.${kind}.>`,
    allCommands: `${root}.command.>`,

    /** Ingest batches of an integration. */
    ingest: (integrationId: string): string => `${root}.ingest.${idToken(integrationId)}`,
    allIngest: `${root}.ingest.>`,

    /** `event.<kind>.<what>.<token of about>`; events of older versions end with `<what>`. */
    event: (kind: EventKind, what: string, about: string): string =>
      `${root}.event.${kind}.${what}.${idToken(about)}`,
    /** Every event of a kind. */
    eventsOf: (kind: EventKind): string => `${root}.event.${kind}.>`,
    /** Every event about one subscription, API, integration, target or command. */
    eventsAbout: (about: string): string => `${root}.event.*.*.${idToken(about)}`,
    allEvents: `${root}.event.>`,

    /** The copy of a message that nobody can handle. */
    dead: (stream: StreamName): string => `${root}.dead.${stream}`,
    allDead: `${root}.dead.>`,

    /** Core request to the link that holds a command. */
    linkReply: (linkId: string): string => `${root}.link.${linkId}.reply`,
    allLinkReplies: `${root}.link.*.reply`,

    /** Core request of an operator, answered by one process; `about` is an integration, or a stream of dead letters. */
    operator: (topic: OperatorTopic, about: string): string => `${root}.operator.${topic}.${idToken(about)}`,
    allOperator: (topic: OperatorTopic): string => `${root}.operator.${topic}.*`,
    /** Core request, answered by every process. */
    node: (topic: NodeTopic): string => `${root}.node.${topic}`,

    /** Core request, answered by any working worker of that kind that has the integration. */
    alive: (kind: WorkerKind, integrationId: string): string =>
      `${root}.alive.${kind}.${idToken(integrationId)}`,
    allAlive: (kind: WorkerKind): string => `${root}.alive.${kind}.*`,
  } as const;
}

/** Reads `<namespace>.v1.command.<kind>.<verb>.<integration token>`; undefined for any other subject. */
export function parseCommandSubject(
  subject: string,
): { readonly kind: string; readonly verb: string; readonly integrationToken: string } | undefined {
  const [, version, area, kind, verb, integrationToken, ...rest] = subject.split('.');
  if (version !== 'v1' || area !== 'command' || rest.length > 0) return undefined;
  return kind && verb && integrationToken ? { kind, verb, integrationToken } : undefined;
}
