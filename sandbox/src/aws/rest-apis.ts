import { NO_METHODS, readDocument } from './definition.ts';
import { badRequest, conflict, notFound } from './errors.ts';
import { newId } from './ids.ts';
import type { ImportedDocument } from './definition.ts';
import type { RegionContext } from './region-context.ts';
import type { Deployment, Region, RestApi, Stage, Tags } from './store.ts';

/** The input of CreateRestApi. */
export interface NewRestApi {
  readonly name: string;
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  readonly tags?: Tags | undefined;
  readonly endpointTypes?: readonly string[] | undefined;
  readonly apiKeySource?: RestApi['apiKeySource'] | undefined;
  readonly disableExecuteApiEndpoint?: boolean | undefined;
  readonly binaryMediaTypes?: readonly string[] | undefined;
}

/** The input of CreateStage. */
export interface NewStage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly description?: string | undefined;
  readonly documentationVersion?: string | undefined;
  readonly variables?: Record<string, string> | undefined;
  readonly tracingEnabled?: boolean | undefined;
  readonly tags?: Tags | undefined;
}

/** The API with this id. @throws AwsError 404, with the account in the text as in AWS */
export function findApi(region: Region, id: string): RestApi {
  const api = region.apis.get(id);
  if (api === undefined) throw notFound(`Invalid API identifier specified ${region.account}:${id}`);
  return api;
}

/** The stage of this name. @throws AwsError 404 */
export function findStage(api: RestApi, name: string): Stage {
  const stage = api.stages.get(name);
  if (stage === undefined) throw notFound('Invalid stage identifier specified');
  return stage;
}

/** The deployment with this id. @throws AwsError 404 */
export function findDeployment(api: RestApi, id: string): Deployment {
  const deployment = api.deployments.get(id);
  if (deployment === undefined) throw notFound('Invalid Deployment identifier specified');
  return deployment;
}

/** A new API without methods. Names need not be unique. @throws AwsError 400 for an empty description */
export function createApi(context: RegionContext, given: NewRestApi): RestApi {
  if (given.description === '') throw badRequest('Description cannot be an empty string');
  const { apis, v2Apis } = context.region;
  const taken = { has: (id: string) => apis.has(id) || v2Apis.has(id) };
  const api: RestApi = {
    id: newId(context.random, 10, taken),
    rootResourceId: newId(context.random, 10, new Set()),
    createdDate: context.now,
    name: given.name,
    description: given.description,
    version: given.version,
    apiKeySource: given.apiKeySource ?? 'HEADER',
    disableExecuteApiEndpoint: given.disableExecuteApiEndpoint ?? false,
    endpointTypes: given.endpointTypes ?? ['EDGE'],
    binaryMediaTypes: given.binaryMediaTypes ?? [],
    tags: { ...given.tags },
    definition: NO_METHODS,
    deployments: new Map(),
    stages: new Map(),
  };
  context.region.apis.set(api.id, api);
  return api;
}

/** A new API from an OpenAPI 3 or Swagger 2 document. @throws AwsError 400 */
export function importApi(
  context: RegionContext,
  document: unknown,
  endpointTypes?: readonly string[],
): RestApi {
  const imported = readDocument(document);
  const description = imported.description === '' ? undefined : imported.description;
  const { title: name, version, binaryMediaTypes } = imported;
  const api = createApi(context, { name, description, version, endpointTypes, binaryMediaTypes });
  api.definition = imported.definition;
  return api;
}

/**
 * Puts a document over the live definition: over all of it, or only over the paths and models that the document has.
 */
export function putDocument(api: RestApi, imported: ImportedDocument, mode: 'merge' | 'overwrite'): void {
  const before = mode === 'merge' ? api.definition : NO_METHODS;
  api.definition = {
    paths: { ...before.paths, ...imported.definition.paths },
    schemas: { ...before.schemas, ...imported.definition.schemas },
  };
  if (mode === 'overwrite') {
    api.name = imported.title;
    api.version = imported.version ?? api.version;
    api.description = imported.description ?? api.description;
  }
}

/** Deletes an API with its stages. Whether plans still name them, see `Limits`. @throws AwsError 404 */
export function deleteApi(context: RegionContext, id: string): void {
  const api = findApi(context.region, id);
  for (const stageName of [...api.stages.keys()]) deleteStage(context, api, stageName);
  context.region.apis.delete(id);
}

/** Deletes a stage. @throws AwsError 404 */
export function deleteStage(context: RegionContext, api: RestApi, stageName: string): void {
  findStage(api, stageName);
  api.stages.delete(stageName);
  if (context.limits.keepDeletedStages) return;
  for (const plan of context.region.plans.values())
    plan.apiStages = plan.apiStages.filter((link) => link.apiId !== api.id || link.stage !== stageName);
}

/**
 * Makes an immutable snapshot of the live definition. With a stage name it is deployed to that stage, which is created
 * if needed.
 * @throws AwsError 400 when the API has no methods
 */
export function deploy(
  context: RegionContext,
  api: RestApi,
  stageName?: string,
  description?: string,
): Deployment {
  if (!Object.values(api.definition.paths).some((verbs) => Object.keys(verbs).length > 0))
    throw badRequest("The REST API doesn't contain any methods");
  const deployment: Deployment = {
    id: newId(context.random, 6, api.deployments),
    description,
    createdDate: context.now,
    // Edits replace the whole live definition and never change it in place, so the reference is a snapshot.
    definition: api.definition,
  };
  api.deployments.set(deployment.id, deployment);
  if (stageName === undefined) return deployment;
  const stage = api.stages.get(stageName);
  if (stage === undefined) createStage(context, api, { stageName, deploymentId: deployment.id });
  else moveStage(context, stage, deployment.id);
  return deployment;
}

/** Puts another deployment on a stage. */
export function moveStage(context: RegionContext, stage: Stage, deploymentId: string): void {
  stage.deploymentId = deploymentId;
  stage.lastUpdatedDate = context.now;
}

/** Creates a stage on a deployment. @throws AwsError 400 (name, deployment) or 409 (it exists) */
export function createStage(context: RegionContext, api: RestApi, given: NewStage): Stage {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(given.stageName))
    throw badRequest('Stage name only allows a-zA-Z0-9_- and at most 128 characters');
  if (!api.deployments.has(given.deploymentId)) throw badRequest('Deployment id does not exist');
  if (api.stages.has(given.stageName)) throw conflict('Stage already exists');
  const stage: Stage = {
    stageName: given.stageName,
    deploymentId: given.deploymentId,
    description: given.description,
    documentationVersion: given.documentationVersion,
    variables: { ...given.variables },
    throttle: {},
    tracingEnabled: given.tracingEnabled ?? false,
    tags: { ...given.tags },
    createdDate: context.now,
    lastUpdatedDate: context.now,
  };
  api.stages.set(stage.stageName, stage);
  return stage;
}
