/** What must be equal when nothing moves any more: the keys in AWS and those that APIM holds. */
import { Violation, type ModelOptions, type World } from './world.ts';

/** @throws Violation */
export function checkQuiet({ keys, apim, record, doomed }: World, { sweeper }: ModelOptions): void {
  const state = record?.state ?? 'none';
  if (!['none', 'revoked', 'held', 'unconfirmed'].includes(state)) throw new Violation(`stuck in ${state}`);
  for (const { keyId } of keys) {
    if (keyId === apim.holds) continue;
    const ours = record?.keyId === keyId;
    const kept =
      (ours && state === 'unconfirmed') ||
      // APIM read the reply and did not store it.
      (ours && state === 'held' && apim.lostKeys.includes(keyId)) ||
      // Deleted by hand, made anew by a late call, counted: the purge of this life finds it.
      (!ours && record !== undefined && record.openCalls > 0 && doomed.length > 0 && state !== 'revoked') ||
      // Its plan is gone: it opens nothing.
      (ours && doomed.includes(keyId));
    if (!kept) throw new Violation(`the key ${keyId} is left behind, state ${state}`);
  }
  const { holds, named } = apim;
  if (holds === undefined || named.includes(holds) || doomed.includes(holds)) return;
  if (!keys.some(({ keyId, enabled, plan }) => keyId === holds && enabled && plan !== undefined)) {
    throw new Violation(
      `APIM holds the key ${holds}, which does not work; state ${state}, sweeper ${String(sweeper)}`,
    );
  }
}
