import { badRequest } from '../errors.ts';
import { hostOf } from '../data-plane/host.ts';
import { findV2Stage } from './apis.ts';
import type { Json } from '../definition.ts';
import type { V2Api, V2Authorizer, V2Route } from './store.ts';

/**
 * The OpenAPI 3.0.1 document that ExportApi answers. Recorded from public exports: responses `default`, generated path
 * parameters at the path, `basePath` with an empty default for `$default`, `x-amazon-apigateway-cors` and
 * `-importexport-version`. Inferred: the version of an API without one, and which extensions
 * `includeExtensions=false` leaves out (all of them).
 * @throws AwsError 400 for a WebSocket API, without routes, and for a stage that was never deployed
 */
export function exportV2(api: V2Api, region: string, stageName: string | null, extensions: boolean): Json {
  if (api.protocolType !== 'HTTP') throw badRequest('Export is only supported for HTTP APIs');
  const stage = stageName === null ? undefined : findV2Stage(api, stageName);
  const deployed = stage?.deploymentId === undefined ? undefined : api.deployments.get(stage.deploymentId);
  if (stage && !deployed) throw badRequest(`No deployment exists for stage ${stage.stageName}`);
  const routes = deployed?.routes ?? [...api.routes.values()];
  if (routes.length === 0) throw badRequest('Unable to export API because no routes exist in this API');
  const basePath = stage === undefined || stage.stageName === '$default' ? '' : stage.stageName;
  const used = [...api.authorizers.values()].filter(({ id }) =>
    routes.some(({ authorizerId }) => authorizerId === id),
  );
  return {
    openapi: '3.0.1',
    info: {
      title: api.name,
      description: api.description,
      version:
        api.version ??
        new Date(api.createdDate * 1000).toISOString().replace('T', ' ').replace('.000Z', 'UTC'),
    },
    servers: [
      { url: `https://${hostOf(api.id, region)}/{basePath}`, variables: { basePath: { default: basePath } } },
    ],
    paths: pathsOf(routes, api, extensions),
    components:
      used.length > 0
        ? { securitySchemes: Object.fromEntries(used.map((one) => [one.name, schemeOf(one, extensions)])) }
        : undefined,
    ...(extensions && {
      'x-amazon-apigateway-cors': api.cors,
      'x-amazon-apigateway-importexport-version': '1.0',
    }),
  };
}

const ANY = 'x-amazon-apigateway-any-method';

function pathsOf(routes: readonly V2Route[], api: V2Api, extensions: boolean): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const [verb = '', path = '/$default'] = route.routeKey.split(' ');
    const isDefault = route.routeKey === '$default';
    const method = isDefault || verb === 'ANY' ? ANY : verb.toLowerCase();
    const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    paths[path] = {
      ...paths[path],
      [method]: {
        responses: { default: { description: `Default response for ${route.routeKey}` } },
        security: securityOf(route, api),
        ...(isDefault && { isDefaultRoute: true }),
        ...(extensions && {
          'x-amazon-apigateway-integration': {
            payloadFormatVersion: '2.0',
            type: 'aws_proxy',
            httpMethod: 'POST',
            uri: 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:sandbox/invocations',
            connectionType: 'INTERNET',
          },
        }),
      },
      ...(names.length > 0 && {
        parameters: names.map((name) => ({
          name,
          in: 'path',
          description: `Generated path parameter for ${name}`,
          required: true,
          schema: { type: 'string' },
        })),
      }),
    };
  }
  return paths;
}

function securityOf({ authorizerId, authorizationScopes }: V2Route, api: V2Api): Json[] | undefined {
  const authorizer = authorizerId === undefined ? undefined : api.authorizers.get(authorizerId);
  return authorizer && [{ [authorizer.name]: [...authorizationScopes] }];
}

/** Without its extension a scheme of `oauth2` lacks the `flows` that OpenAPI wants: so AWS writes it. */
function schemeOf({ authorizerType, identitySource, jwt }: V2Authorizer, extensions: boolean): Json {
  const source = identitySource.join(',');
  if (jwt === undefined)
    return {
      type: 'apiKey',
      name: 'Unused',
      in: 'header',
      ...(extensions && {
        'x-amazon-apigateway-authorizer': { type: authorizerType.toLowerCase(), identitySource: source },
      }),
    };
  return {
    type: 'oauth2',
    ...(extensions && {
      'x-amazon-apigateway-authorizer': {
        identitySource: source,
        jwtConfiguration: { audience: jwt.audience, issuer: jwt.issuer },
        type: 'jwt',
      },
    }),
  };
}
