import { badRequest } from '../errors.ts';
import { openApi30, swagger20 } from '../export-document.ts';
import { partitionOf } from '../iam.ts';
import { findApi, findDeployment, findStage } from '../rest-apis.ts';
import { param } from './route.ts';
import type { Answer } from '../answer.ts';
import type { ExportSource } from '../export-document.ts';
import type { Call, Route } from './route.ts';

const WRITERS = new Map([
  ['oas30', openApi30],
  ['swagger', swagger20],
]);
const EXTENSIONS = ['apigateway', 'integrations', 'authorizers', 'documentation', 'postman'];

function source(call: Call): ExportSource {
  const api = findApi(call.region, param(call, 'id'));
  const stage = findStage(api, param(call, 'stage'));
  const extensions = call.query.getAll('extensions').flatMap((value) => value.split(','));
  const unknown = extensions.find((extension) => !EXTENSIONS.includes(extension));
  if (unknown !== undefined) throw badRequest(`Invalid extensions specified: ${unknown}`);
  const { region } = call.region;
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    title: api.name,
    description: api.description,
    version: api.version ?? new Date(api.createdDate * 1000).toISOString().replace('.000Z', 'Z'),
    host: `${api.id}.execute-api.${region}.${suffix}`,
    stage: stage.stageName,
    binaryMediaTypes: api.binaryMediaTypes,
    apiKeySource: api.apiKeySource,
    definition: findDeployment(api, stage.deploymentId).definition,
    extensions: new Set(extensions),
  };
}

/** The export of a deployment. Its YAML is multi-line JSON, which is valid YAML too. */
function exported(call: Call): Answer {
  const type = param(call, 'type');
  const write = WRITERS.get(type);
  if (write === undefined) throw badRequest(`Export type '${type}' is not supported`);
  const from = source(call);
  const yaml = call.accept.includes('yaml');
  // A version may have any characters, but a header may not.
  const version = from.version.replace(/[^\x20-\x7e]|"/gu, '_');
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${type}_${version}.${yaml ? 'yaml' : 'json'}"`,
    },
    body: Buffer.from(JSON.stringify(write(from), undefined, 2)),
  };
}

/** GetExport: what a stage serves, not what was edited since. */
export const exportRoutes: readonly Route[] = [
  {
    operation: 'GetExport',
    method: 'GET',
    path: '/restapis/{id}/stages/{stage}/exports/{type}',
    handle: exported,
  },
];
