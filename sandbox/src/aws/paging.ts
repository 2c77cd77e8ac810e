import { badRequest } from './errors.ts';

/** The request for a page. `repeat` answers the previous page once more (a fault that AWS lists show). */
export interface PageRequest {
  readonly scope: string;
  readonly limit: string | null;
  readonly position: string | null;
  readonly maxPageSize: number;
  readonly repeat: boolean;
}

/** A page on the wire; without `position` it is the last one. */
export interface Page<Item> {
  readonly item: Item[];
  readonly position: string | undefined;
}

const DEFAULT_LIMIT = 25;
/** Tokens differ even for the same place, as AWS's opaque tokens may. */
let issued = 0;

/** The place in a list that a `position` token of `scope` means; undefined when the token is not ours. */
export function placeOf(position: string, scope: string): number | undefined {
  const [place, owner] = Buffer.from(position, 'base64url').toString('utf8').split('\n');
  const parsed = Number(place);
  return owner === scope && Number.isSafeInteger(parsed) && parsed >= 0 ? parsed : undefined;
}

function tokenAt(place: number, scope: string): string {
  issued += 1;
  return Buffer.from([place, scope, issued].join('\n')).toString('base64url');
}

/**
 * One page of a list. `limit` is 25 by default and at most `maxPageSize` (500 in AWS). As in AWS, a limit that is not a
 * positive number is ignored. Pages are not a snapshot: they are cut from the list as it is now.
 * @throws AwsError 400 for a `position` that was not issued for this list
 */
export function pageOf<Item>(items: readonly Item[], request: PageRequest): Page<Item> {
  const asked =
    request.limit === null || !/^[1-9]\d*$/.test(request.limit) ? DEFAULT_LIMIT : Number(request.limit);
  const limit = Math.min(asked, request.maxPageSize);
  const at = request.position === null ? 0 : placeOf(request.position, request.scope);
  if (at === undefined) throw badRequest('Invalid position specified');
  const start = request.repeat ? Math.max(0, at - limit) : at;
  const end = Math.min(start + limit, items.length);
  return {
    item: items.slice(start, end),
    position: end < items.length ? tokenAt(end, request.scope) : undefined,
  };
}
