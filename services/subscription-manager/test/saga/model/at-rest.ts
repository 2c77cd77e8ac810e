/** The check of a world at rest: the keys in AWS must be those that APIM holds. */
import { Violation, type ModelOptions, type World } from './world.ts';

/** @throws Violation */
export function checkAtRest({ keys, apim, record, unusableKeys }: World, { sweeper }: ModelOptions): void {
  const state = record?.state ?? 'none';
  if (!['none', 'revoked', 'held', 'unconfirmed'].includes(state)) throw new Violation(`stuck in ${state}`);
  for (const { keyId } of keys) {
    if (keyId === apim.holds) continue;
    const ours = record?.keyId === keyId;
    const kept =
      (ours && state === 'unconfirmed') ||
      // APIM read the reply and did not store it.
      (ours && state === 'held' && apim.lostKeys.includes(keyId)) ||
      // It was deleted by hand and made again by a late call, which is counted: the purge of this life finds it.
      (!ours &&
        record !== undefined &&
        record.openCalls > 0 &&
        unusableKeys.length > 0 &&
        state !== 'revoked') ||
      // Its plan is gone: it opens nothing.
      (ours && unusableKeys.includes(keyId));
    if (!kept) throw new Violation(`the key ${keyId} is left behind, state ${state}`);
  }
  const { holds, unsubscribedKeys } = apim;
  if (holds === undefined || unsubscribedKeys.includes(holds) || unusableKeys.includes(holds)) return;
  if (!keys.some(({ keyId, enabled, plan }) => keyId === holds && enabled && plan !== undefined)) {
    throw new Violation(
      `APIM holds the key ${holds}, which does not work; state ${state}, sweeper ${String(sweeper)}`,
    );
  }
}
