import { unlessEmpty } from '../routes/route.ts';
import { hostOf } from '../data-plane/host.ts';
import type { Call } from '../routes/route.ts';
import type { V2Api, V2Authorizer, V2Route, V2Stage } from './store.ts';

/** Dates of the second version are text. */
function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** An API on the wire. */
export function apiOnWire(api: V2Api, { region }: Call['region']): Record<string, unknown> {
  return {
    apiEndpoint: `${api.protocolType === 'HTTP' ? 'https' : 'wss'}://${hostOf(api.id, region)}`,
    apiId: api.id,
    apiKeySelectionExpression: '$request.header.x-api-key',
    corsConfiguration: api.cors,
    createdDate: iso(api.createdDate),
    description: api.description,
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    ipAddressType: 'ipv4',
    name: api.name,
    protocolType: api.protocolType,
    routeSelectionExpression: api.routeSelectionExpression,
    tags: api.tags,
    version: api.version,
  };
}

/** A stage on the wire. */
export function stageOnWire(stage: V2Stage): Record<string, unknown> {
  const { rateLimit: throttlingRateLimit, burstLimit: throttlingBurstLimit } = stage.throttle;
  return {
    autoDeploy: stage.autoDeploy,
    createdDate: iso(stage.createdDate),
    defaultRouteSettings: { detailedMetricsEnabled: false, throttlingRateLimit, throttlingBurstLimit },
    deploymentId: stage.deploymentId,
    description: stage.description,
    lastUpdatedDate: iso(stage.lastUpdatedDate),
    routeSettings: {},
    stageName: stage.stageName,
    stageVariables: {},
    tags: stage.tags,
  };
}

/** A route on the wire. */
export function routeOnWire(route: V2Route): Record<string, unknown> {
  return {
    apiKeyRequired: route.apiKeyRequired,
    authorizationScopes: route.authorizationScopes.length > 0 ? route.authorizationScopes : undefined,
    authorizationType: route.authorizationType,
    authorizerId: route.authorizerId,
    operationName: route.operationName,
    requestModels: unlessEmpty(route.requestModels),
    routeId: route.id,
    routeKey: route.routeKey,
  };
}

/** An authorizer on the wire. */
export function authorizerOnWire(authorizer: V2Authorizer): Record<string, unknown> {
  const { id, name, authorizerType, identitySource, jwt } = authorizer;
  return { authorizerId: id, name, authorizerType, identitySource, jwtConfiguration: jwt };
}
