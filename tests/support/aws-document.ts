/** What a small API of a customer looks like: OpenAPI 3.0.1 with an integration that is never called. */
export function openApiDocument(info: { name: string; description: string; version: string }): object {
  const operation = {
    responses: { 200: { description: '200 response', content: {} } },
    security: [{ api_key: [] }],
    // A proxy with a URI: moto refuses a mock integration, and an API without a description.
    'x-amazon-apigateway-integration': {
      type: 'http_proxy',
      httpMethod: 'GET',
      uri: 'https://backend.example.com/things',
      passthroughBehavior: 'when_no_match',
      responses: { default: { statusCode: '200' } },
    },
  };
  return {
    openapi: '3.0.1',
    info: { title: info.name, version: info.version, description: info.description },
    paths: { '/things': { get: operation } },
    components: { securitySchemes: { api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
  };
}

/** An export of at least so many bytes, as API Gateway would give it for a large API. */
export function largeExport(bytes: number): string {
  const text = 'All work and no play makes Jack a dull boy. '.repeat(1_500);
  const schemas = Object.fromEntries(
    Array.from({ length: Math.ceil(bytes / text.length) }, (_, index) => [
      `Schema${index}`,
      { type: 'object', description: text },
    ]),
  );
  return JSON.stringify({
    openapi: '3.0.1',
    info: { title: 'large', version: '1.0.0' },
    paths: { '/things': { get: { responses: { 200: { description: '200 response' } } } } },
    components: { schemas },
  });
}
