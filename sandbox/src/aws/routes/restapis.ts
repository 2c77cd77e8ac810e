import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { readDocument } from '../definition.ts';
import { badRequest } from '../errors.ts';
import { createApi, deleteApi, findApi, importApi, putDocument } from '../rest-apis.ts';
import { authorizeTags, page, param, Patch, readBody, Tags, unlessEmpty } from './route.ts';
import type { RestApi } from '../store.ts';
import type { Call, Route } from './route.ts';

const NewApi = z.object({
  name: z.string().min(1),
  description: z.string().optional(),
  version: z.string().optional(),
  tags: Tags.optional(),
  apiKeySource: z.enum(['HEADER', 'AUTHORIZER']).optional(),
  disableExecuteApiEndpoint: z.boolean().optional(),
  binaryMediaTypes: z.array(z.string()).optional(),
  endpointConfiguration: z.object({ types: z.array(z.string()).optional() }).optional(),
});

/** A REST API on the wire. There is no lastUpdatedDate; empty fields are left out. */
function restApiOnWire(api: RestApi): Record<string, unknown> {
  return {
    id: api.id,
    name: api.name,
    description: api.description,
    createdDate: api.createdDate,
    version: api.version,
    binaryMediaTypes: api.binaryMediaTypes.length > 0 ? api.binaryMediaTypes : undefined,
    apiKeySource: api.apiKeySource,
    endpointConfiguration: { types: api.endpointTypes, ipAddressType: 'ipv4' },
    tags: unlessEmpty(api.tags),
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    rootResourceId: api.rootResourceId,
  };
}

/** The document in the body: JSON only. @throws AwsError 400 */
function documentIn(call: Call): unknown {
  try {
    return JSON.parse(call.body.toString('utf8'));
  } catch {
    throw badRequest('Invalid OpenAPI input.');
  }
}

function createdFromBody(call: Call): RestApi {
  const { endpointConfiguration, ...given } = readBody(call, NewApi);
  authorizeTags(call, given.tags, '/restapis');
  return createApi(call, { ...given, endpointTypes: endpointConfiguration?.types });
}

function updated(call: Call): RestApi {
  const api = findApi(call.region, param(call, 'id'));
  for (const { op, path, value } of readBody(call, Patch).patchOperations) {
    if (path === '/name') api.name = value ?? '';
    else if (path === '/description') api.description = op === 'remove' ? undefined : value;
    else if (path === '/version') api.version = op === 'remove' ? undefined : value;
    else if (path === '/disableExecuteApiEndpoint') api.disableExecuteApiEndpoint = value === 'true';
    else throw badRequest(`Invalid patch path  '${path}' specified for op '${op}'.`);
  }
  return api;
}

/** REST APIs, and the resources that their methods imply. */
export const restApiRoutes: readonly Route[] = [
  {
    operation: 'GetRestApis',
    method: 'GET',
    path: '/restapis',
    handle: (call) => json(200, page(call, [...call.region.apis.values()].map(restApiOnWire))),
  },
  {
    operation: 'ImportRestApi',
    method: 'POST',
    path: '/restapis',
    query: { mode: 'import' },
    handle: (call) => {
      const types = call.query.get('endpointConfigurationTypes')?.split(',');
      return json(201, restApiOnWire(importApi(call, documentIn(call), types)));
    },
  },
  {
    operation: 'CreateRestApi',
    method: 'POST',
    path: '/restapis',
    handle: (call) => json(201, restApiOnWire(createdFromBody(call))),
  },
  {
    operation: 'GetRestApi',
    method: 'GET',
    path: '/restapis/{id}',
    handle: (call) => json(200, restApiOnWire(findApi(call.region, param(call, 'id')))),
  },
  {
    operation: 'PutRestApi',
    method: 'PUT',
    path: '/restapis/{id}',
    handle: (call) => {
      const api = findApi(call.region, param(call, 'id'));
      putDocument(
        api,
        readDocument(documentIn(call)),
        call.query.get('mode') === 'overwrite' ? 'overwrite' : 'merge',
      );
      return json(200, restApiOnWire(api));
    },
  },
  {
    operation: 'UpdateRestApi',
    method: 'PATCH',
    path: '/restapis/{id}',
    handle: (call) => json(200, restApiOnWire(updated(call))),
  },
  {
    operation: 'DeleteRestApi',
    method: 'DELETE',
    path: '/restapis/{id}',
    handle: (call) => {
      deleteApi(call, param(call, 'id'));
      return empty(202);
    },
  },
  {
    operation: 'GetResources',
    method: 'GET',
    path: '/restapis/{id}/resources',
    handle: (call) => json(200, page(call, resourcesOf(findApi(call.region, param(call, 'id'))))),
  },
];

/** Resources by path with their parents. Ids are made from the path, so they are the same at every call. */
function resourcesOf(api: RestApi): Record<string, unknown>[] {
  const idOf = (path: string) =>
    path === '/' ? api.rootResourceId : Buffer.from(path).toString('hex').slice(-10).padStart(10, '0');
  const paths = new Set(['/']);
  for (const path of Object.keys(api.definition.paths)) {
    const parts = path.split('/').filter((part) => part !== '');
    parts.forEach((_, index) => paths.add(`/${parts.slice(0, index + 1).join('/')}`));
  }
  return [...paths].map((path) => {
    const verbs = Object.keys(api.definition.paths[path] ?? {}).map((verb) => [verb.toUpperCase(), {}]);
    const cut = path.lastIndexOf('/');
    return {
      id: idOf(path),
      path,
      parentId: path === '/' ? undefined : idOf(path.slice(0, cut) || '/'),
      pathPart: path === '/' ? undefined : path.slice(cut + 1),
      resourceMethods: unlessEmpty(Object.fromEntries(verbs) as object),
    };
  });
}
