/** The APIs of a batch as the broker stored them. Pure. */
import { Api } from '@federation-agent/contracts';
import { PoisonError } from '@federation-agent/broker';
import type { RejectedApi } from './offer.ts';

/**
 * The last check: the controller would silently drop a whole batch because of one API that its strict schema does not
 * know.
 *
 * @throws PoisonError when there is no list at all
 */
export function readApis(value: unknown): {
  readonly apis: readonly Api[];
  readonly unreadable: readonly RejectedApi[];
} {
  if (!Array.isArray(value)) throw new PoisonError('the batch holds no list of APIs');
  const apis: Api[] = [];
  const unreadable: RejectedApi[] = [];
  for (const item of value as unknown[]) {
    const parsed = Api.safeParse(item);
    if (parsed.success) apis.push(parsed.data);
    else {
      const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].join(', ');
      unreadable.push({ api: item, reason: `not of the form that APIM reads: ${fields}` });
    }
  }
  return { apis, unreadable };
}
