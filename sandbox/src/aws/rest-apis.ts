import { NO_METHODS, readDocument } from './definition.ts';
import { badRequest, conflict, notFound } from './errors.ts';
import { newId } from './ids.ts';
import type { ImportedDocument } from './definition.ts';
import type { Scene } from './scene.ts';
import type { Deployment, Region, RestApi, Stage, Tags } from './store.ts';

/** What CreateRestApi takes. */
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

/** What CreateStage takes. */
export interface NewStage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly description?: string | undefined;
  readonly documentationVersion?: string | undefined;
  readonly variables?: Record<string, string> | undefined;
  readonly tracingEnabled?: boolean | undefined;
  readonly tags?: Tags | undefined;
}

/** The API with this id. @throws AwsError 404, with the account in the text as AWS has it */
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
export function createApi(scene: Scene, given: NewRestApi): RestApi {
  if (given.description === '') throw badRequest('Description cannot be an empty string');
  const api: RestApi = {
    id: newId(scene.random, 10, scene.region.apis),
    rootResourceId: newId(scene.random, 10, new Set()),
    createdDate: scene.now,
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
  scene.region.apis.set(api.id, api);
  return api;
}

/** A new API from an OpenAPI 3 or Swagger 2 document. @throws AwsError 400 */
export function importApi(scene: Scene, document: unknown, endpointTypes?: readonly string[]): RestApi {
  const imported = readDocument(document);
  const description = imported.description === '' ? undefined : imported.description;
  const { title: name, version, binaryMediaTypes } = imported;
  const api = createApi(scene, { name, description, version, endpointTypes, binaryMediaTypes });
  api.definition = imported.definition;
  return api;
}

/** Puts a document over the live definition: all of it, or only the paths and models that it has. */
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

/** Deletes an API with its stages. Plans go on naming them or not, see `Limits`. @throws AwsError 404 */
export function deleteApi(scene: Scene, id: string): void {
  const api = findApi(scene.region, id);
  for (const stageName of [...api.stages.keys()]) deleteStage(scene, api, stageName);
  scene.region.apis.delete(id);
}

/** Deletes a stage. @throws AwsError 404 */
export function deleteStage(scene: Scene, api: RestApi, stageName: string): void {
  findStage(api, stageName);
  api.stages.delete(stageName);
  if (scene.limits.keepDeletedStages) return;
  for (const plan of scene.region.plans.values())
    plan.apiStages = plan.apiStages.filter((link) => link.apiId !== api.id || link.stage !== stageName);
}

/**
 * An immutable snapshot of the live definition; with a stage name it is put on that stage, which is made if need be.
 * @throws AwsError 400 when the API has no methods
 */
export function deploy(scene: Scene, api: RestApi, stageName?: string, description?: string): Deployment {
  if (!Object.values(api.definition.paths).some((verbs) => Object.keys(verbs).length > 0))
    throw badRequest("The REST API doesn't contain any methods");
  const deployment: Deployment = {
    id: newId(scene.random, 6, api.deployments),
    description,
    createdDate: scene.now,
    // Edits replace the live definition as a whole and never change it in place: keeping it is the snapshot.
    definition: api.definition,
  };
  api.deployments.set(deployment.id, deployment);
  if (stageName === undefined) return deployment;
  const stage = api.stages.get(stageName);
  if (stage === undefined) createStage(scene, api, { stageName, deploymentId: deployment.id });
  else moveStage(scene, stage, deployment.id);
  return deployment;
}

/** Puts another deployment on a stage. */
export function moveStage(scene: Scene, stage: Stage, deploymentId: string): void {
  stage.deploymentId = deploymentId;
  stage.lastUpdatedDate = scene.now;
}

/** A new stage on a deployment. @throws AwsError 400 (name, deployment) or 409 (it is there) */
export function createStage(scene: Scene, api: RestApi, given: NewStage): Stage {
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
    tracingEnabled: given.tracingEnabled ?? false,
    tags: { ...given.tags },
    createdDate: scene.now,
    lastUpdatedDate: scene.now,
  };
  api.stages.set(stage.stageName, stage);
  return stage;
}
