/** What an export says about keys and authorizers. Pure. */
import type { DocumentFacts } from '@federation-agent/contracts';

type Json = Record<string, unknown>;

const authorizerField = 'x-amazon-apigateway-authorizer';
const verbs = new Set(['delete', 'get', 'head', 'options', 'patch', 'post', 'put']);
const anyMethod = 'x-amazon-apigateway-any-method';

/**
 * Facts of an export, before AWS's extensions are removed. `keyRequired` is about `x-api-key` alone: an authorizer is
 * another matter.
 */
export function documentFacts(document: Json): DocumentFacts {
  const schemes = securitySchemes(document);
  const keys = new Set(Object.keys(schemes).filter((name) => isApiKey(schemes[name])));
  const version = objectOf(document['info'])['version'];
  const authorizers = Object.values(schemes).flatMap(inWords);
  const operations = operationsOf(document);
  const wantsKey = (operation: Json): boolean =>
    requirementsOf(operation, document).some((one) => keys.has(one));
  return {
    ...(typeof version === 'string' && version !== '' && { version }),
    // Where there is nothing to call, nothing can be said.
    ...(operations.length > 0 && { keyRequired: operations.some(wantsKey) }),
    ...(authorizers.length > 0 && { authorizers: [...new Set(authorizers)].toSorted() }),
  };
}

/**
 * AWS writes a JWT authorizer as `oauth2` with an extension. Without the extension it lacks the `flows` that OpenAPI
 * wants; so it becomes what the extension says: OpenID Connect of the issuer, or a bearer token.
 */
export function withPlainSchemes(document: Json): Json {
  const components = objectOf(document['components']);
  const schemes = objectOf(components['securitySchemes']);
  if (!Object.values(schemes).some(lacksFlows)) return document;
  const plain = Object.entries(schemes).map(([name, scheme]) => [
    name,
    lacksFlows(scheme) ? plainOf(scheme) : scheme,
  ]);
  return { ...document, components: { ...components, securitySchemes: Object.fromEntries(plain) as Json } };
}

function lacksFlows(scheme: unknown): boolean {
  const { type, flows } = objectOf(scheme);
  return type === 'oauth2' && flows === undefined;
}

function plainOf(scheme: unknown): Json {
  const { issuer } = jwtOf(scheme);
  return issuer === undefined
    ? { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }
    : {
        type: 'openIdConnect',
        openIdConnectUrl: `${issuer.replace(/\/$/u, '')}/.well-known/openid-configuration`,
      };
}

function inWords(scheme: unknown): string[] {
  const authorizer = objectOf(scheme)[authorizerField];
  const { issuer, audience } = jwtOf(scheme);
  if (issuer !== undefined)
    return [`JWT of ${issuer}${audience.length > 0 ? ` for the audience ${audience.join(', ')}` : ''}`];
  if (authorizer !== undefined) return ['a Lambda authorizer'];
  return [];
}

function jwtOf(scheme: unknown): {
  readonly issuer: string | undefined;
  readonly audience: readonly string[];
} {
  const { issuer, audience } = objectOf(objectOf(objectOf(scheme)[authorizerField])['jwtConfiguration']);
  return {
    issuer: typeof issuer === 'string' && issuer !== '' ? issuer : undefined,
    audience: Array.isArray(audience) ? audience.filter((one) => typeof one === 'string') : [],
  };
}

function securitySchemes(document: Json): Json {
  return {
    ...objectOf(document['securityDefinitions']),
    ...objectOf(objectOf(document['components'])['securitySchemes']),
  };
}

function isApiKey(scheme: unknown): boolean {
  const { type, name, in: place } = objectOf(scheme);
  return (
    type === 'apiKey' && place === 'header' && typeof name === 'string' && name.toLowerCase() === 'x-api-key'
  );
}

function operationsOf(document: Json): Json[] {
  return Object.values(objectOf(document['paths'])).flatMap((item) =>
    Object.entries(objectOf(item))
      .filter(([verb]) => verbs.has(verb.toLowerCase()) || verb === anyMethod)
      .flatMap(([, operation]) => (isObject(operation) ? [operation] : [])),
  );
}

/** The names of the schemes that an operation asks for; its own list replaces that of the document. */
function requirementsOf(operation: Json, document: Json): string[] {
  const security = operation['security'] ?? document['security'];
  return Array.isArray(security) ? security.flatMap((one) => Object.keys(objectOf(one))) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}
