import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { conformanceTo } from '../../test/conformance.ts';
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

  it('is one that a validator of OpenAPI 3.1 accepts', async () => {
    expect(await judged(text)).toEqual({ valid: true });
    const broken = text.replace('"in":"path"', '"in":"nowhere"');
    expect(await judged(broken)).toMatchObject({ valid: false });
    expect(await judged(text.replace('schemas/Session"', 'schemas/Gone"'))).toMatchObject({ valid: false });
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

describe('an answer that is not as the document says is told:', () => {
  const wrongWith = conformanceTo(JSON.parse(text));
  const session = { user: null, role: null, login: 'password', provider: null, version: '1' };
  const answer = { method: 'GET', path: '/api/session', status: 200, contentType: 'application/json' };
  const of = (changes: object, body: object = session): string[] =>
    wrongWith({ ...answer, text: JSON.stringify(body), ...changes });

  it('one that is says nothing', () => expect(of({})).toEqual([]));
  it.each([
    ['its path', of({ path: '/api/other' })],
    ['its status', of({ status: 404 })],
    ['its media type', of({ contentType: 'text/plain' })],
    ['a field too many', of({}, { ...session, secret: 'x' })],
    ['a field too few', of({}, { ...session, version: undefined })],
    ['a field of another type', of({}, { ...session, role: 'admin' })],
  ])('%s', (_what, wrong) => expect(wrong).not.toEqual([]));
});

async function judged(document: string): Promise<{ readonly valid: boolean; readonly errors?: unknown }> {
  return await new Validator().validate(JSON.parse(document) as Record<string, unknown>);
}
