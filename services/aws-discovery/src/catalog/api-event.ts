/** An event about one stage in the catalog. Pure. */
import type { ApiEvent, CatalogEntry } from '@federation-agent/contracts';

/** @param at epoch ms */
export function apiEvent(
  at: number,
  { integrationId, uniqueId }: Pick<CatalogEntry, 'integrationId' | 'uniqueId'>,
  what: Pick<ApiEvent, 'what'> & { readonly detail?: string },
): ApiEvent {
  return {
    at,
    integrationId,
    actor: { kind: 'agent' },
    outcome: what.what === 'degraded' ? 'failed' : 'ok',
    uniqueId,
    ...what,
  };
}
