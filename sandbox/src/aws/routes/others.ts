import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { notFound } from '../errors.ts';
import { findApi, findStage } from '../rest-apis.ts';
import { findKey } from '../api-keys.ts';
import { findPlan } from '../usage-plans.ts';
import { findV2Api, findV2Stage } from '../v2/apis.ts';
import { param, readBody, Tags } from './route.ts';
import type { Call, Route } from './route.ts';

const NewTags = z.object({ tags: Tags });

/** The resource of a tag ARN (`arn:aws:apigateway:{region}::/restapis/{id}`). @throws AwsError 404 */
function tagged(call: Call): { tags: Tags } {
  const path = param(call, 'arn').split('::')[1] ?? '';
  const [, kind = '', id = '', , stage] = path.split('/');
  if (kind === 'restapis') {
    const api = findApi(call.region, id);
    return stage === undefined ? api : findStage(api, stage);
  }
  if (kind === 'apis') {
    const api = findV2Api(call.region, id);
    return stage === undefined ? api : findV2Stage(api, stage);
  }
  if (kind === 'apikeys') return findKey(call.region, id);
  if (kind === 'usageplans') return findPlan(call.region, id);
  throw notFound('Invalid resource identifier specified');
}

const emptyList = (operation: string, path: string): Route => ({
  operation,
  method: 'GET',
  path,
  handle: (call) => {
    if (call.params['id'] !== undefined) findApi(call.region, param(call, 'id'));
    return json(200, { item: [] });
  },
});

/** Tags, the account, and lists that are always empty in the sandbox. */
export const otherRoutes: readonly Route[] = [
  {
    operation: 'GetTags',
    method: 'GET',
    path: '/tags/{arn}',
    handle: (call) => json(200, { tags: tagged(call).tags }),
  },
  {
    operation: 'TagResource',
    method: 'PUT',
    path: '/tags/{arn}',
    handle: (call) => {
      const target = tagged(call);
      target.tags = { ...target.tags, ...readBody(call, NewTags).tags };
      return empty(204);
    },
  },
  {
    operation: 'TagResource',
    method: 'POST',
    path: '/v2/tags/{arn}',
    handle: (call) => {
      const target = tagged(call);
      target.tags = { ...target.tags, ...readBody(call, NewTags).tags };
      return empty(201);
    },
  },
  {
    operation: 'UntagResource',
    method: 'DELETE',
    path: '/tags/{arn}',
    handle: (call) => {
      const target = tagged(call);
      const gone = call.query.getAll('tagKeys');
      target.tags = Object.fromEntries(Object.entries(target.tags).filter(([name]) => !gone.includes(name)));
      return empty(204);
    },
  },
  {
    operation: 'GetAccount',
    method: 'GET',
    path: '/account',
    handle: ({ region }) =>
      json(200, {
        throttleSettings: region.throttle,
        features: ['UsagePlans'],
        apiKeyVersion: '4',
      }),
  },
  {
    operation: 'GetModels',
    method: 'GET',
    path: '/restapis/{id}/models',
    handle: (call) => {
      const { definition } = findApi(call.region, param(call, 'id'));
      const item = Object.entries(definition.schemas).map(([name, schema]) => ({
        id: name.toLowerCase(),
        name,
        schema: JSON.stringify(schema),
        contentType: 'application/json',
      }));
      return json(200, { item });
    },
  },
  emptyList('GetAuthorizers', '/restapis/{id}/authorizers'),
  emptyList('GetDocumentationVersions', '/restapis/{id}/documentation/versions'),
];
