import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from './openapi.ts';
import { routes, type RouteSpec } from './routes.ts';

const all: readonly RouteSpec[] = Object.values(routes);
const text = JSON.stringify(openApiDocument('1.2.3'));

describe('the OpenAPI document', () => {
  it('has every route, and no reference that leads nowhere', () => {
    const document = JSON.parse(text) as {
      paths: Record<string, Record<string, unknown>>;
      components: { schemas: Record<string, unknown> };
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.keys(path));
    expect(operations).toHaveLength(all.length);
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/gu)) {
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  it('says that whatever changes something is for operators, besides logins', () => {
    const changes = all.filter(({ method, access }) => method === 'POST' && access !== 'operator');
    expect(changes.map(({ path }) => path)).toEqual([
      '/api/login',
      '/api/login/oidc',
      '/api/login/oidc/finish',
      '/api/logout',
    ]);
  });
});
