/**
 * The health report on ingests: what APIM did not accept of the last ingest, and whether it accepts anything now. Each
 * link reports what it sent itself. Never required: ending the process would not help.
 */
import type { Clock } from '@federation-agent/base';
import type { Health } from '@federation-agent/service-kit';
import type { RejectedApi, TotalRefusal } from './offer.ts';

export interface Refusals {
  /** APIM accepts nothing of a message; it is offered again. */
  held(ingestJobId: string, standing: TotalRefusal, reason: string): void;
  /** APIM accepted these; an empty list stands for an empty message. */
  taken(uniqueIds: readonly string[]): void;
  /** Given up. APIs without a unique id are not reported; only the dead letter has them. */
  refused(ingestJobId: string, rejected: RejectedApi): void;
  /** The socket is gone: another link offers what was held up. */
  socketClosed(): void;
  /** An ingest has ended: what earlier ones left behind is no longer reported. */
  ended(ingestJobId: string): void;
}

interface Refused {
  readonly ingestJobId: string;
  readonly reason: string;
  readonly since: string;
}

/** How many are named in the sentence, and in the data. */
const [named, listed] = [3, 50];

const fixes = {
  away: 'look at the log of APIM and at its database; the ingest goes on by itself',
  nothing:
    'look at the log of APIM for what its database refuses; the ingest goes on without it after a while',
  refused: 'look at the log of APIM for what its database refuses, change that in AWS, and ingest again',
} as const;

/** What a person can do about it. */
export function refusalFix(standing: TotalRefusal | 'refused'): string {
  return fixes[standing];
}

export function createRefusals(integrationId: string, health: Health, { now }: Pick<Clock, 'now'>): Refusals {
  const component = `ingest:${integrationId}`;
  const refused = new Map<string, Refused>();
  let held:
    { readonly ingestJobId: string; readonly standing: TotalRefusal; readonly reason: string } | undefined;

  const show = (): void => {
    if (held === undefined && refused.size === 0) {
      health.remove(component);
      return;
    }
    const all = [...refused].map(([uniqueId, facts]) => ({ uniqueId, ...facts }));
    const some = all.slice(0, named).map(({ uniqueId, reason }) => `${uniqueId}: ${reason}`);
    const more = all.length > named ? [`and ${all.length - named} more`] : [];
    const what =
      held === undefined
        ? `APIM did not take ${all.length} APIs of the last ingest: ${[...some, ...more].join('; ')}`
        : `APIM takes nothing of an ingest: ${held.reason}`;
    health.set(component, {
      status: 'degraded',
      detail: `${what}. To do: ${refusalFix(held?.standing ?? 'refused')}`,
      data: { ...(held && { held }), refused: all.slice(0, listed) },
    });
  };

  return {
    held: (ingestJobId, standing, reason) => {
      held = { ingestJobId, standing, reason };
      show();
    },
    taken: (uniqueIds) => {
      if (uniqueIds.length > 0 || held?.standing === 'away') held = undefined;
      for (const uniqueId of uniqueIds) refused.delete(uniqueId);
      show();
    },
    refused: (ingestJobId, { api, reason }) => {
      held = undefined;
      const uniqueId = uniqueIdOf(api);
      if (uniqueId !== undefined)
        refused.set(uniqueId, { ingestJobId, reason, since: new Date(now()).toISOString() });
      show();
    },
    socketClosed: () => {
      held = undefined;
      show();
    },
    ended: (ingestJobId) => {
      held = undefined;
      for (const [uniqueId, facts] of refused)
        if (facts.ingestJobId !== ingestJobId) refused.delete(uniqueId);
      show();
    },
  };
}

/** The unique id of an API as it was to be sent, whatever its form. */
export function uniqueIdOf(api: unknown): string | undefined {
  return typeof api === 'object' && api !== null && 'uniqueId' in api && typeof api.uniqueId === 'string'
    ? api.uniqueId
    : undefined;
}
