import { json } from '../answer.ts';
import { page } from '../routes/route.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../routes/route.ts';

/** One page under the names of the second version. Without `maxResults` it has 25 items, as others have seen. */
export function v2Page(call: Call, items: readonly unknown[], list = 'items'): Answer {
  const query = new URLSearchParams(call.query);
  const [limit, position] = [query.get('maxResults'), query.get('nextToken')];
  if (limit !== null) query.set('limit', limit);
  if (position !== null) query.set('position', position);
  const { item, position: nextToken } = page({ ...call, query }, items);
  return json(200, { [list]: item, nextToken });
}
