import { badRequest } from './errors.ts';

/** A JSON object whose fields are not checked here. */
export type Json = Record<string, unknown>;

/** One method of a resource, in terms of OpenAPI 3, whatever it was imported from. */
export interface Method {
  readonly operationId: string | undefined;
  readonly parameters: readonly Json[];
  /** Schemas of the body by content type. */
  readonly requestBody: Record<string, Json>;
  readonly responses: Record<string, MethodResponse>;
  /** From the Swagger document; undefined when it had none. */
  readonly consumes: readonly string[] | undefined;
  readonly produces: readonly string[] | undefined;
  readonly apiKeyRequired: boolean;
  readonly integration: Json | undefined;
  /** Summary, description and tags; exported only with `extensions=documentation`. */
  readonly documentation: Json;
}

/** Schemas of an answer by content type. */
interface MethodResponse {
  readonly content: Record<string, Json>;
  readonly headers: Record<string, { readonly schema: unknown }>;
}

/** What an API does: methods by path and verb (lower case), and its models. */
export interface Definition {
  readonly paths: Record<string, Record<string, Method>>;
  readonly schemas: Record<string, unknown>;
}

/** An imported document: its fields for the REST API, and its definition. */
export interface ImportedDocument {
  readonly title: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly binaryMediaTypes: readonly string[];
  readonly definition: Definition;
}

/** The definition of an API that has no methods yet. */
export const NO_METHODS: Definition = { paths: {}, schemas: {} };

const VERBS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'x-amazon-apigateway-any-method'];

/** The value as an object; anything else as an empty one. */
function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function asObjects(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asTexts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

function mapObject<In, Out>(
  object: Record<string, In>,
  map: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

/** Rewrites every `$ref` at any depth from one place of the models to another. */
export function moveRefs(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return value.map((item) => moveRefs(item, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return mapObject(asObject(value), (item, key) =>
    key === '$ref' && typeof item === 'string' && item.startsWith(from)
      ? to + item.slice(from.length)
      : moveRefs(item, from, to),
  );
}

/**
 * Reads an OpenAPI 3 or Swagger 2 document like ImportRestApi.
 * @throws AwsError 400 "Invalid OpenAPI input." for anything else
 */
export function readDocument(document: unknown): ImportedDocument {
  const swagger = asObject(document)['swagger'] === '2.0';
  const root = asObject(swagger ? moveRefs(document, '#/definitions/', '#/components/schemas/') : document);
  const info = asObject(root['info']);
  const title = asText(info['title']);
  if ((!swagger && asText(root['openapi']) === undefined) || title === undefined)
    throw badRequest('Invalid OpenAPI input.');
  const schemas = swagger ? asObject(root['definitions']) : asObject(asObject(root['components'])['schemas']);
  return {
    title,
    version: asText(info['version']),
    description: asText(info['description']),
    binaryMediaTypes: asTexts(root['x-amazon-apigateway-binary-media-types']) ?? [],
    definition: { paths: readPaths(root, swagger), schemas },
  };
}

function readPaths(root: Json, swagger: boolean): Definition['paths'] {
  return mapObject(asObject(root['paths']), (item) => {
    const shared = asObjects(asObject(item)['parameters']);
    const verbs = Object.entries(asObject(item)).filter(([verb]) => VERBS.includes(verb));
    return Object.fromEntries(
      verbs.map(([verb, operation]) => [verb, readMethod(asObject(operation), shared, root, swagger)]),
    );
  });
}

function readMethod(operation: Json, shared: readonly Json[], root: Json, swagger: boolean): Method {
  const given = [...shared, ...asObjects(operation['parameters'])];
  const consumes = asTexts(operation['consumes']) ?? asTexts(root['consumes']);
  const produces = asTexts(operation['produces']) ?? asTexts(root['produces']);
  const { summary, description, tags } = operation;
  return {
    operationId: asText(operation['operationId']),
    parameters: given
      .filter((item) => item['in'] !== 'body')
      .map(swagger ? swaggerParameter : plainParameter),
    requestBody: swagger
      ? swaggerBody(given, consumes)
      : readContent(asObject(operation['requestBody'])['content']),
    responses: mapObject(asObject(operation['responses']), (response) => ({
      content: swagger
        ? contentOf(asObject(response)['schema'], produces)
        : readContent(asObject(response)['content']),
      headers: mapObject(asObject(asObject(response)['headers']), (header) =>
        swagger ? { schema: schemaIn(asObject(header)) } : { schema: asObject(header)['schema'] },
      ),
    })),
    consumes,
    produces,
    apiKeyRequired: asObjects(operation['security']).some((item) => 'api_key' in item),
    integration:
      'x-amazon-apigateway-integration' in operation
        ? asObject(operation['x-amazon-apigateway-integration'])
        : undefined,
    documentation: { summary, description, tags },
  };
}

function swaggerParameter(parameter: Json): Json {
  const { name, in: place, required } = parameter;
  return { name, in: place, required, schema: schemaIn(parameter) };
}

/** In Swagger 2 a parameter or header has its schema in its own fields. */
function schemaIn({ type, format, items, enum: values }: Json): Json {
  return { type, format, items, enum: values };
}

function plainParameter(parameter: Json): Json {
  const { name, in: place, required, schema } = parameter;
  return { name, in: place, required, schema };
}

function swaggerBody(
  parameters: readonly Json[],
  consumes: readonly string[] | undefined,
): Record<string, Json> {
  const body = parameters.find((item) => item['in'] === 'body');
  return body === undefined ? {} : contentOf(body['schema'], consumes);
}

function contentOf(schema: unknown, types: readonly string[] | undefined): Record<string, Json> {
  if (schema === undefined) return {};
  return Object.fromEntries((types ?? ['application/json']).map((type) => [type, asObject(schema)]));
}

function readContent(content: unknown): Record<string, Json> {
  return mapObject(asObject(content), (media) => asObject(asObject(media)['schema']));
}
