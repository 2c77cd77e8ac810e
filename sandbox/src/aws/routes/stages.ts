import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { badRequest } from '../errors.ts';
import { createStage, deleteStage, findApi, findStage, moveStage } from '../rest-apis.ts';
import { authorizeTags, param, Patch, readBody, Tags, unlessEmpty } from './route.ts';
import type { Stage } from '../store.ts';
import type { Call, Route } from './route.ts';

const NewStageBody = z.object({
  stageName: z.string(),
  deploymentId: z.string(),
  description: z.string().optional(),
  documentationVersion: z.string().optional(),
  variables: z.record(z.string(), z.string()).optional(),
  tracingEnabled: z.boolean().optional(),
  tags: Tags.optional(),
});

/** As AWS writes them once a limit is set; -1 is "none of its own". */
function methodSettingsOf({ throttle: { rateLimit, burstLimit } }: Stage): Record<string, unknown> {
  if (rateLimit === undefined && burstLimit === undefined) return {};
  const limits = { throttlingRateLimit: rateLimit ?? -1, throttlingBurstLimit: burstLimit ?? -1 };
  return { '*/*': { metricsEnabled: false, loggingLevel: 'OFF', cachingEnabled: false, ...limits } };
}

/** A stage on the wire. */
function stageOnWire(stage: Stage): Record<string, unknown> {
  return {
    deploymentId: stage.deploymentId,
    stageName: stage.stageName,
    description: stage.description,
    cacheClusterEnabled: false,
    cacheClusterStatus: 'NOT_AVAILABLE',
    methodSettings: methodSettingsOf(stage),
    variables: unlessEmpty(stage.variables),
    documentationVersion: stage.documentationVersion,
    tracingEnabled: stage.tracingEnabled,
    tags: unlessEmpty(stage.tags),
    createdDate: stage.createdDate,
    lastUpdatedDate: stage.lastUpdatedDate,
  };
}

function stageIn(call: Call): Stage {
  return findStage(findApi(call.region, param(call, 'id')), param(call, 'stage'));
}

function updated(call: Call): Stage {
  const api = findApi(call.region, param(call, 'id'));
  const stage = stageIn(call);
  for (const { op, path, value } of readBody(call, Patch).patchOperations) {
    const [, field = '', name = ''] = path.split('/');
    const limit = /^\/\*\/\*\/throttling\/(rateLimit|burstLimit)$/.exec(path)?.[1];
    if (limit === 'rateLimit' || limit === 'burstLimit')
      stage.throttle = { ...stage.throttle, [limit]: op === 'remove' ? undefined : Number(value) };
    else if (field === 'description') stage.description = op === 'remove' ? undefined : value;
    else if (field === 'documentationVersion')
      stage.documentationVersion = op === 'remove' ? undefined : value;
    else if (field === 'tracingEnabled') stage.tracingEnabled = value === 'true';
    else if (field === 'deploymentId') {
      if (!api.deployments.has(value ?? '')) throw badRequest('Deployment id does not exist');
      stage.deploymentId = value ?? '';
    } else if (field === 'variables') {
      const rest = Object.fromEntries(Object.entries(stage.variables).filter(([known]) => known !== name));
      stage.variables = op === 'remove' ? rest : { ...rest, [name]: value ?? '' };
    } else throw badRequest(`Invalid patch path  '${path}' specified for op '${op}'.`);
  }
  moveStage(call, stage, stage.deploymentId);
  return stage;
}

/** Stages. Their list is never split into pages. */
export const stageRoutes: readonly Route[] = [
  {
    operation: 'GetStages',
    method: 'GET',
    path: '/restapis/{id}/stages',
    handle: (call) => {
      const deployment = call.query.get('deploymentId');
      const stages = [...findApi(call.region, param(call, 'id')).stages.values()];
      const item = stages
        .filter((stage) => deployment === null || stage.deploymentId === deployment)
        .map(stageOnWire);
      return json(200, { item });
    },
  },
  {
    operation: 'CreateStage',
    method: 'POST',
    path: '/restapis/{id}/stages',
    handle: (call) => {
      const body = readBody(call, NewStageBody);
      const id = param(call, 'id');
      authorizeTags(call, body.tags, `/restapis/${id}/stages/${body.stageName}`);
      return json(201, stageOnWire(createStage(call, findApi(call.region, id), body)));
    },
  },
  {
    operation: 'GetStage',
    method: 'GET',
    path: '/restapis/{id}/stages/{stage}',
    handle: (call) => json(200, stageOnWire(stageIn(call))),
  },
  {
    operation: 'UpdateStage',
    method: 'PATCH',
    path: '/restapis/{id}/stages/{stage}',
    handle: (call) => json(200, stageOnWire(updated(call))),
  },
  {
    operation: 'DeleteStage',
    method: 'DELETE',
    path: '/restapis/{id}/stages/{stage}',
    handle: (call) => {
      deleteStage(call, findApi(call.region, param(call, 'id')), param(call, 'stage'));
      return empty(202);
    },
  },
];
