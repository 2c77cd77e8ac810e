/** Recognises lists that have not changed, without reading the catalog. Pure. */
import { createHash } from 'node:crypto';
import { version } from '@federation-agent/base';
import type { IntegrationSettings } from '../settings.ts';
import type { Lists } from './seen.ts';

/**
 * The same for the same APIs and usage plans, in whatever order AWS lists them, under the same settings. It
 * includes the agent's version, because another version may make different entries of them.
 */
export function listsDigest(
  { apis, usagePlans, v2Unread }: Pick<Lists, 'apis' | 'usagePlans' | 'v2Unread'>,
  { fingerprint }: Pick<IntegrationSettings, 'fingerprint'>,
): string {
  const hash = createHash('sha256').update(
    JSON.stringify([version, fingerprint, ...(v2Unread ? ['without v2'] : [])]),
  );
  for (const listed of [[...apis.values()], usagePlans])
    hash.update(JSON.stringify(listed.toSorted(({ id: a }, { id: b }) => (a < b ? -1 : 1))));
  return hash.digest('base64url');
}
