/** The one place that calls DeleteApiKey. A key that is already gone counts as deleted. */
import type { KeyPlace } from './events.ts';
import type { Saga } from './saga.ts';

/** Why a key is deleted. A label in metrics. */
export type DeleteReason = 'life over' | 'purge' | 'stray' | 'named' | 'orphan';

/** @throws the error of the AWS call; calling it again is harmless */
export async function deleteKey(
  saga: Saga,
  { integrationId, account, region }: KeyPlace,
  keyId: string,
  why: DeleteReason,
  signal?: AbortSignal,
): Promise<void> {
  const target = await saga.targets.find(integrationId, account, region);
  const outcome = await target.keys.delete(keyId, signal ? { signal } : {});
  saga.metrics.deletes.inc({ why });
  const facts = { integrationId, account, region, keyId, why };
  saga.telemetry.log.info(
    facts,
    outcome === 'gone' ? 'an API key was gone already' : 'an API key was deleted',
  );
}
