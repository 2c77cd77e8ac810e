import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { badRequest } from '../errors.ts';
import { deploy, findApi, findDeployment } from '../rest-apis.ts';
import { page, param, readBody } from './route.ts';
import type { Deployment } from '../store.ts';
import type { Route } from './route.ts';

const NewDeployment = z.object({ stageName: z.string().optional(), description: z.string().optional() });

/** A deployment on the wire, without its `apiSummary`. */
function deploymentOnWire({ id, description, createdDate }: Deployment): Record<string, unknown> {
  return { id, description, createdDate };
}

/** Deployments: immutable snapshots of an API. */
export const deploymentRoutes: readonly Route[] = [
  {
    operation: 'GetDeployments',
    method: 'GET',
    path: '/restapis/{id}/deployments',
    handle: (call) => {
      const { deployments } = findApi(call.region, param(call, 'id'));
      return json(200, page(call, [...deployments.values()].map(deploymentOnWire)));
    },
  },
  {
    operation: 'CreateDeployment',
    method: 'POST',
    path: '/restapis/{id}/deployments',
    handle: (call) => {
      const { stageName, description } = readBody(call, NewDeployment);
      const api = findApi(call.region, param(call, 'id'));
      const name = stageName === '' ? undefined : stageName;
      return json(201, deploymentOnWire(deploy(call, api, name, description)));
    },
  },
  {
    operation: 'GetDeployment',
    method: 'GET',
    path: '/restapis/{id}/deployments/{deployment}',
    handle: (call) =>
      json(
        200,
        deploymentOnWire(findDeployment(findApi(call.region, param(call, 'id')), param(call, 'deployment'))),
      ),
  },
  {
    operation: 'DeleteDeployment',
    method: 'DELETE',
    path: '/restapis/{id}/deployments/{deployment}',
    handle: (call) => {
      const api = findApi(call.region, param(call, 'id'));
      const { id } = findDeployment(api, param(call, 'deployment'));
      if ([...api.stages.values()].some((stage) => stage.deploymentId === id))
        throw badRequest('Active stages pointing to this deployment must be moved or deleted');
      api.deployments.delete(id);
      return empty(202);
    },
  },
];
