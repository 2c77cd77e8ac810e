import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createNodeRoutes, type NodeRoute } from './node-routes.ts';

const route = (method: NodeRoute['method'], path: string): NodeRoute => ({
  method,
  path,
  answer: () => Promise.resolve({ status: 200, body: {} }),
});

describe('routes of services', () => {
  const routes = createNodeRoutes();
  const list = route('GET', '/things');
  const one = route('POST', '/things/:kind/:id');
  routes.add([list, one]);

  test('any id comes back as it was encoded', () => {
    const id = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(id, id, (kind, name) => {
        const path = `/things/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
        // fetch and curl would normalize such a path, so it would not reach the server.
        expect(routes.at(path)).toEqual([{ route: one, params: { kind, id: name } }]);
      }),
    );
  });

  test.each([
    '/',
    '/thing',
    '/things/a',
    '/things//b',
    '/things/a/',
    '/things/a/b/c',
    '/things/%/b',
    '//things',
  ])('%s is none', (path) => {
    expect(routes.at(path)).toEqual([]);
  });

  test('a slash at the end is nothing; a route that was removed is gone', () => {
    expect(routes.at('/things/')).toEqual([{ route: list, params: {} }]);
    routes.remove([list]);
    expect(routes.at('/things')).toEqual([]);
    expect(routes.at('/things/a/b')).toHaveLength(1);
  });
});
