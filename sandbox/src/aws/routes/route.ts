import { z } from 'zod';
import { AwsError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Answer } from '../answer.ts';
import type { Page } from '../paging.ts';
import type { RegionContext } from '../region-context.ts';

/** A call as a route sees it: caller, account and region, time, and input. */
export interface Call extends RegionContext {
  readonly operation: string;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly body: Buffer;
  /** Answer the previous page once more (fault `duplicate-page`). */
  readonly repeatPage: boolean;
  /** Checks a further right that the call needs besides its own path. @throws AwsError 403 */
  readonly authorize: (verb: string, path: string) => void;
}

/** One operation of the management API. A request is this operation only when it has `query`. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  /** `/usageplans/{usagePlanId}/keys`; a parameter is one segment. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** IAM has an action of the operation's name for it, and the resource names the account. */
  readonly ownAction?: true;
  readonly handle: (call: Call) => Answer;
}

/** A path parameter; the route's path guarantees that it exists. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

/** The JSON body, parsed by a schema. @throws AwsError 400 SerializationException */
export function readBody<Schema extends z.ZodType>(call: Call, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(readJson(call.body));
  if (!parsed.success)
    throw new AwsError(400, 'SerializationException', z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

/** The body as JSON; an empty one is an empty object. @throws AwsError 400 SerializationException */
function readJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError(400, 'SerializationException', 'Unable to parse the request body as JSON');
  }
}

/** One page of a list, as the query asks for it. */
export function page<Item>(call: Call, items: readonly Item[]): Page<Item> {
  return pageOf(items, {
    scope: [call.operation, call.region.account, call.region.region, ...Object.values(call.params)].join('/'),
    limit: call.query.get('limit'),
    position: call.query.get('position'),
    maxPageSize: call.limits.maxPageSize,
    repeat: call.repeatPage,
  });
}

/** Checks the right to tag when a creation has tags. @throws AwsError 403 */
export function authorizeTags(call: Call, tags: Record<string, string> | undefined, path: string): void {
  if (tags === undefined || Object.keys(tags).length === 0) return;
  const arn = `arn:aws:apigateway:${call.region.region}::${path}`;
  call.authorize('PUT', `/tags/${encodeURIComponent(arn)}`);
}

/** The object, or undefined when it is empty: AWS leaves empty maps out of lists. */
export function unlessEmpty<Value extends object>(value: Value): Value | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}

export const Tags = z.record(z.string(), z.string());
export type Tags = z.infer<typeof Tags>;

/** The body of every PATCH. */
export const Patch = z.object({
  patchOperations: z
    .array(
      z.object({
        op: z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
        path: z.string().default(''),
        value: z.string().optional(),
      }),
    )
    .default([]),
});
export type Patch = z.infer<typeof Patch>;
