/** Builds and parses every subject. A subject starts with `<namespace>.v1.`; an id is one token (`idToken`). */
import { idToken } from '../ids.ts';
import type { WorkerCommandType } from '../exchange/integration.ts';
import { workerCommands } from '../exchange/integration.ts';
import type { StreamName } from './streams.ts';

/** A kind of worker: the service that answers a command. */
export type WorkerKind = (typeof workerCommands)[WorkerCommandType];
export const workerKinds = ['discovery', 'subscription'] as const satisfies readonly WorkerKind[];

/** Kinds of events; the third token of `event.<kind>.<what>`. */
export type EventKind = 'api' | 'subscription' | 'link' | 'scan' | 'receipt';

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

    /** `event.<kind>.<what>`, such as `event.api.added`. */
    event: (kind: EventKind, what: string): string => `${root}.event.${kind}.${what}`,
    allEvents: `${root}.event.>`,

    /** The copy of a message that nobody can handle. */
    dead: (stream: StreamName): string => `${root}.dead.${stream}`,
    allDead: `${root}.dead.>`,

    /** Core request to the link that holds a command. */
    linkReply: (linkId: string): string => `${root}.link.${linkId}.reply`,
    allLinkReplies: `${root}.link.*.reply`,

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
