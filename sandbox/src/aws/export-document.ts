import { badRequest } from './errors.ts';
import { moveRefs } from './definition.ts';
import type { Definition, Json, Method } from './definition.ts';

/** The input of an export: the names of the live API, and the methods and models of the deployment. */
export interface ExportSource {
  readonly title: string;
  readonly description: string | undefined;
  /** Version of the API, else its creation time. */
  readonly version: string;
  /** `{apiId}.execute-api.{region}.{suffix}`. */
  readonly host: string;
  readonly stage: string;
  readonly binaryMediaTypes: readonly string[];
  readonly apiKeySource: string;
  readonly definition: Definition;
  /** Values of the `extensions` parameter. */
  readonly extensions: ReadonlySet<string>;
}

/**
 * The OpenAPI 3.0.1 document that GetExport answers. Without extensions it has no `x-amazon-*`, and no summaries or
 * descriptions of methods, which are documentation parts in API Gateway.
 * @throws AwsError 400 when a body has only models that are not JSON: API Gateway cannot export those
 */
export function openApi30(source: ExportSource): Json {
  refuseNonJsonModels(source.definition);
  const { definition } = source;
  return {
    openapi: '3.0.1',
    info: { title: source.title, description: source.description, version: source.version },
    servers: [
      { url: `https://${source.host}/{basePath}`, variables: { basePath: { default: source.stage } } },
    ],
    paths: eachMethod(definition, (method) => openApiMethod(method, source.extensions)),
    components: {
      schemas: Object.keys(definition.schemas).length > 0 ? definition.schemas : undefined,
      securitySchemes: needsKey(definition) ? { api_key: API_KEY } : undefined,
    },
    ...rootExtensions(source),
  };
}

/**
 * The Swagger 2.0 document that GetExport answers.
 * @throws AwsError 400 as `openApi30`
 */
export function swagger20(source: ExportSource): Json {
  refuseNonJsonModels(source.definition);
  const { definition } = source;
  const document = {
    swagger: '2.0',
    info: { description: source.description, version: source.version, title: source.title },
    host: source.host,
    basePath: `/${source.stage}`,
    schemes: ['https'],
    paths: eachMethod(definition, (method) => swaggerMethod(method, source.extensions)),
    securityDefinitions: needsKey(definition) ? { api_key: API_KEY } : undefined,
    definitions: Object.keys(definition.schemas).length > 0 ? definition.schemas : undefined,
    ...rootExtensions(source),
  };
  return moveRefs(document, '#/components/schemas/', '#/definitions/') as Json;
}

const API_KEY = { type: 'apiKey', name: 'x-api-key', in: 'header' };
const ANY = 'x-amazon-apigateway-any-method';

function wantsVendor(extensions: ReadonlySet<string>): boolean {
  return extensions.has('apigateway') || extensions.has('integrations');
}

function rootExtensions(source: ExportSource): Json {
  if (!source.extensions.has('apigateway')) return {};
  const types = source.binaryMediaTypes;
  return {
    'x-amazon-apigateway-api-key-source': source.apiKeySource === 'AUTHORIZER' ? 'AUTHORIZER' : undefined,
    'x-amazon-apigateway-binary-media-types': types.length > 0 ? types : undefined,
  };
}

function eachMethod(definition: Definition, map: (method: Method) => Json): Json {
  return Object.fromEntries(
    Object.entries(definition.paths)
      .filter(([, verbs]) => Object.keys(verbs).length > 0)
      .map(([path, verbs]) => [
        path,
        Object.fromEntries(Object.entries(verbs).map(([verb, method]) => [verb, map(method)])),
      ]),
  );
}

function needsKey(definition: Definition): boolean {
  return Object.values(definition.paths).some((verbs) =>
    Object.values(verbs).some((method) => method.apiKeyRequired),
  );
}

function shared(method: Method, extensions: ReadonlySet<string>): Json {
  return {
    ...(extensions.has('documentation') ? method.documentation : {}),
    security: method.apiKeyRequired ? [{ api_key: [] }] : undefined,
    'x-amazon-apigateway-integration': wantsVendor(extensions) ? method.integration : undefined,
  };
}

function media(content: Record<string, Json>): Json | undefined {
  const entries = Object.entries(content);
  return entries.length === 0
    ? undefined
    : Object.fromEntries(entries.map(([type, schema]) => [type, { schema }]));
}

function openApiMethod(method: Method, extensions: ReadonlySet<string>): Json {
  const body = media(method.requestBody);
  return {
    operationId: method.operationId,
    parameters: method.parameters.length > 0 ? method.parameters : undefined,
    requestBody: body === undefined ? undefined : { content: body, required: true },
    responses: Object.fromEntries(
      Object.entries(method.responses).map(([code, response]) => [
        code,
        {
          description: `${code} response`,
          headers: Object.keys(response.headers).length > 0 ? response.headers : undefined,
          content: media(response.content) ?? {},
        },
      ]),
    ),
    ...shared(method, extensions),
  };
}

function swaggerMethod(method: Method, extensions: ReadonlySet<string>): Json {
  const bodies = Object.values(method.requestBody);
  const parameters = [
    ...method.parameters.map(({ schema, ...rest }) => ({ ...rest, ...(schema as Json) })),
    ...bodies.slice(0, 1).map((schema) => ({ in: 'body', name: 'body', required: true, schema })),
  ];
  return {
    operationId: method.operationId,
    consumes: method.consumes ?? nonEmpty(Object.keys(method.requestBody)),
    produces:
      method.produces ?? nonEmpty(Object.values(method.responses).flatMap((it) => Object.keys(it.content))),
    parameters: parameters.length > 0 ? parameters : undefined,
    responses: Object.fromEntries(
      Object.entries(method.responses).map(([code, response]) => [
        code,
        {
          description: `${code} response`,
          schema: Object.values(response.content)[0],
          headers:
            Object.keys(response.headers).length > 0
              ? Object.fromEntries(
                  Object.entries(response.headers).map(([name, header]) => [name, header.schema]),
                )
              : undefined,
        },
      ]),
    ),
    ...shared(method, extensions),
  };
}

function nonEmpty(types: string[]): string[] | undefined {
  return types.length > 0 ? [...new Set(types)] : undefined;
}

function refuseNonJsonModels(definition: Definition): void {
  for (const [path, verbs] of Object.entries(definition.paths)) {
    for (const [verb, method] of Object.entries(verbs)) {
      const types = Object.keys(method.requestBody);
      if (types.length > 0 && !types.some((type) => type.includes('json')))
        throw badRequest(
          `Only found non-JSON body models for ${verb === ANY ? 'ANY' : verb.toUpperCase()} ${path}`,
        );
    }
  }
}
