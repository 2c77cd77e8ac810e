/** What an OpenAPI document says, in short. It comes from AWS: any part may be missing or something else. */

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly needsKey: boolean;
}

export interface DocumentSummary {
  readonly title: string;
  readonly version: string;
  /** `OpenAPI 3.0.1` */
  readonly format: string;
  readonly servers: readonly string[];
  readonly operations: readonly Operation[];
}

const methods = [
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
  'x-amazon-apigateway-any-method',
];

/** @returns undefined when the text is no OpenAPI document */
export function summaryOf(text: string): DocumentSummary | undefined {
  const document = parsed(text);
  if (document === undefined) return undefined;
  const info = record(document['info']);
  const openapi = string(document['openapi']);
  const swagger = string(document['swagger']);
  if (openapi === '' && swagger === '') return undefined;
  const shared = document['security'];
  return {
    title: string(info['title']),
    version: string(info['version']),
    format: openapi === '' ? `Swagger ${swagger}` : `OpenAPI ${openapi}`,
    servers: list(document['servers']).map((server) => serverUrl(record(server))),
    operations: Object.entries(record(document['paths'])).flatMap(([path, item]) =>
      Object.entries(record(item))
        .filter(([method]) => methods.includes(method))
        .map(([method, value]) => {
          const operation = record(value);
          return {
            method: method.startsWith('x-') ? 'ANY' : method.toUpperCase(),
            path,
            summary: string(operation['summary']),
            needsKey: list(operation['security'] ?? shared).some((one) => 'api_key' in record(one)),
          };
        }),
    ),
  };
}

function serverUrl(server: Readonly<Record<string, unknown>>): string {
  const variables = record(server['variables']);
  return string(server['url']).replaceAll(/\{(\w+)\}/gu, (whole, name: string) => {
    const value = string(record(variables[name])['default']);
    return value === '' ? whole : value.replace(/^\//u, '');
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return record(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
