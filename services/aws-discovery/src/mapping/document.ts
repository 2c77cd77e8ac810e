/**
 * The export of a stage as the page that APIM imports. Pure.
 *
 * The stored form is canonical: the same API gives the same bytes, so the hash shows whether anything changed. AWS
 * fills `info.version` with the API's version, or else with its creation date; moto fills in the time of the call,
 * which differs every second. So `info.version` is always set to what AWS would say (`apiVersion`), and reading a
 * document again does not make it a new one.
 */
import { createHash } from 'node:crypto';
import type { CatalogEntry, DocumentFacts, Page } from '@federation-agent/contracts';
import type { GatewayApi } from '@federation-agent/aws-control-plane';
import { documentFacts, withPlainSchemes } from './security.ts';

/** Raise it with any change below: then every document is exported again. */
const exporterVersion = 1;

/** The page's identity across ingests: never change it. */
const filename = 'openapi.json';

/** How AWS names the version of an export: the API's version, or else its creation date. */
export function apiVersion({ version, createdAt }: Pick<GatewayApi, 'version' | 'createdAt'>): string {
  if (version !== undefined && version !== '') return version;
  return createdAt === undefined ? '1' : new Date(createdAt * 1_000).toISOString().replace('.000Z', 'Z');
}

/**
 * What an export depends on. All of it comes from lists that a scan reads anyway, so an unchanged account costs no
 * export. A stage's `updatedAt` is left out: changes of logging, throttling and canaries change it, but not the
 * document.
 */
export function exportCacheKey(entry: CatalogEntry): string {
  const parts = [
    exporterVersion,
    entry.restApiId,
    entry.stage,
    entry.stageCreatedAt, // Changes when a stage is deleted and made again.
    entry.deploymentId,
    entry.documentationVersion,
    entry.name,
    entry.version,
    entry.description,
  ].map((part) => part ?? null);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export type ParsedDocument =
  | { readonly ok: true; readonly content: Buffer; readonly facts?: DocumentFacts }
  | { readonly ok: false; readonly reason: string };

/** Reads an export: OpenAPI 3 or Swagger 2.0 as JSON. For anything else it says what is wrong. */
export function toDocument(bytes: Uint8Array, version: string): ParsedDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, reason: 'the export is not JSON' };
  }
  if (!isObject(parsed) || !('openapi' in parsed || 'swagger' in parsed)) {
    return { ok: false, reason: 'the export is not an OpenAPI document' };
  }
  const info = isObject(parsed['info']) ? parsed['info'] : {};
  const paths = isObject(parsed['paths']) ? parsed['paths'] : {};
  const document = {
    ...withPlainSchemes(parsed),
    info: { ...info, version },
    paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, pathItem(item)])),
  };
  const content = toContent(document);
  return content
    ? { ok: true, content, facts: documentFacts(parsed) }
    : { ok: false, reason: 'the export is nested too deeply' };
}

/** The stored form of a document; undefined when it is nested too deeply. */
export function toContent(document: object): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(canonical(document, '')), 'utf8');
  } catch {
    return undefined;
  }
}

/** The page of a stored document. */
export function toPage(content: Uint8Array, apiType?: CatalogEntry['apiType']): Page {
  const text = Buffer.from(content).toString('utf8');
  return apiType === 'WEBSOCKET'
    ? { pageType: 'ASYNCAPI', content: text, filename: 'asyncapi.json' }
    : { pageType: 'SWAGGER', content: text, filename };
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const anyMethod = 'x-amazon-apigateway-any-method';
const methods = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'];
/** Below these, keys are names that the user chose, not fields of OpenAPI. */
const named = new Set(['properties', 'headers', 'patternProperties', 'definitions', 'schemas']);

/** Sorts the keys. Removes vendor extensions (they reveal ARNs) and null bytes (databases behind APIM refuse them). */
function canonical(value: unknown, parent: string): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '');
  if (Array.isArray(value)) return value.map((item) => canonical(item, ''));
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => named.has(parent) || !key.toLowerCase().startsWith('x-amazon-'))
    .map(([key, child]): [string, unknown] => [
      key.replaceAll('\0', ''),
      // Below `properties.headers` comes a schema again, not a map of names.
      canonical(child, named.has(parent) ? '' : key),
    ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/**
 * AWS writes ANY as an extension; without this step a proxy API would have no method at all. Methods that are defined
 * win. moto writes methods in capitals, which no OpenAPI reader understands.
 */
function pathItem(item: unknown): unknown {
  if (!isObject(item)) return item;
  const { [anyMethod]: any, ...own } = Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      methods.includes(key.toLowerCase()) ? key.toLowerCase() : key,
      value,
    ]),
  );
  if (!isObject(any)) return own;
  // `isDefaultRoute` is AWS's own, without the prefix of an extension.
  const { operationId: _unique, isDefaultRoute: _own, ...operation } = any;
  return { ...Object.fromEntries(methods.map((method) => [method, operation])), ...own };
}
