/** The APIs of a batch, as the broker had them. Pure. */
import { Api } from '@federation-agent/contracts';
import { PoisonError } from '@federation-agent/broker';
import type { RejectedApi } from './offer.ts';

/**
 * The last guard: an API that the strict schema does not know would vanish at the controller with its whole batch.
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
