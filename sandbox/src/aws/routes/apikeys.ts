import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { checkKey, createKey, deleteKey, findKey } from '../api-keys.ts';
import { badRequest } from '../errors.ts';
import { importKeys, readKeyFile } from '../import-api-keys.ts';
import { authorizeTags, page, param, Patch, readBody, Tags, unlessEmpty } from './route.ts';
import type { Answer } from '../answer.ts';
import type { ApiKey } from '../store.ts';
import type { Call, Route } from './route.ts';

const NewKey = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  value: z.string().optional(),
  enabled: z.boolean().optional(),
  customerId: z.string().optional(),
  tags: Tags.optional(),
});
const PATCHABLE = ['/description', '/enabled', '/name', '/customerId'];

/** A key on the wire. `stageKeys` is obsolete and always empty. The value is included only when asked for. */
function keyOnWire(key: ApiKey, withValue: boolean): Record<string, unknown> {
  const { id, name, description, customerId, enabled, createdDate, lastUpdatedDate } = key;
  return {
    id,
    value: withValue ? key.value : undefined,
    name,
    customerId,
    description,
    enabled,
    createdDate,
    lastUpdatedDate,
    stageKeys: [],
    tags: unlessEmpty(key.tags),
  };
}

/** Newest first; a name query is a case-sensitive prefix. */
function listedKeys(call: Call): ApiKey[] {
  const prefix = call.query.get('name') ?? '';
  const customer = call.query.get('customerId');
  return [...call.region.keys.values()]
    .filter((key) => (key.name ?? '').startsWith(prefix))
    .filter((key) => customer === null || key.customerId === customer)
    .reverse();
}

function updated(call: Call): ApiKey {
  const key = findKey(call.region, param(call, 'key'));
  const { patchOperations } = readBody(call, Patch);
  const wrong = patchOperations.find(({ path }) => !PATCHABLE.includes(path));
  if (wrong !== undefined)
    throw badRequest(
      `Invalid patch path  '${wrong.path}' specified for op '${wrong.op}'. Must be one of: [${PATCHABLE.join(', ')}]`,
    );
  for (const { op, path, value } of patchOperations) {
    const text = op === 'remove' ? undefined : value;
    if (path === '/enabled') key.enabled = value === 'true';
    else if (path === '/customerId') key.customerId = text;
    else if (path === '/name') {
      checkKey({ name: text });
      key.name = text;
    } else {
      checkKey({ description: text });
      key.description = text;
    }
  }
  key.lastUpdatedDate = call.now;
  return key;
}

function imported(call: Call): Answer {
  if (call.query.get('format') !== 'csv') throw badRequest('Invalid format specified. Must be one of: [csv]');
  const lines = readKeyFile(call.body.toString('utf8'));
  // It is unknown whether AWS requires this right; requiring it finds an agent that lacks it.
  for (const planId of lines.flatMap((line) => line.planIds))
    call.authorize('POST', `/usageplans/${planId}/keys`);
  return json(201, importKeys(call, lines, call.query.get('failonwarnings') === 'true'));
}

/** API keys. */
export const apiKeyRoutes: readonly Route[] = [
  {
    operation: 'GetApiKeys',
    method: 'GET',
    path: '/apikeys',
    handle: (call) => {
      const withValues = call.query.get('includeValues') === 'true';
      return json(
        200,
        page(
          call,
          listedKeys(call).map((key) => keyOnWire(key, withValues)),
        ),
      );
    },
  },
  {
    operation: 'ImportApiKeys',
    method: 'POST',
    path: '/apikeys',
    query: { mode: 'import' },
    handle: imported,
  },
  {
    operation: 'CreateApiKey',
    method: 'POST',
    path: '/apikeys',
    handle: (call) => {
      const body = readBody(call, NewKey);
      authorizeTags(call, body.tags, '/apikeys');
      return json(201, keyOnWire(createKey(call, body), true));
    },
  },
  {
    operation: 'GetApiKey',
    method: 'GET',
    path: '/apikeys/{key}',
    handle: (call) => {
      const key = findKey(call.region, param(call, 'key'));
      return json(200, { ...keyOnWire(key, call.query.get('includeValue') === 'true'), tags: key.tags });
    },
  },
  {
    operation: 'UpdateApiKey',
    method: 'PATCH',
    path: '/apikeys/{key}',
    handle: (call) => {
      const key = updated(call);
      return json(200, { ...keyOnWire(key, false), tags: key.tags });
    },
  },
  {
    operation: 'DeleteApiKey',
    method: 'DELETE',
    path: '/apikeys/{key}',
    handle: (call) => {
      deleteKey(call.region, param(call, 'key'));
      return empty(202);
    },
  },
];
