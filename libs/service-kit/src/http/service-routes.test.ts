import { afterEach, describe, expect, test } from '@jest/globals';
import { BrokerUnavailableError } from '@federation-agent/broker';
import type { NodeRequest, NodeRoutes } from './node-routes.ts';
import { admin, open, serve, stopAll, withAdmin } from '../../test/serve.ts';

afterEach(stopAll);

describe('what a service adds while the server runs', () => {
  const added = (nodeRoutes: NodeRoutes) => {
    const asked: NodeRequest[] = [];
    const routes = [
      {
        method: 'GET',
        path: '/things',
        answer: (request: NodeRequest) => {
          asked.push(request);
          return Promise.resolve({ status: 200, body: { things: [] } });
        },
      },
      {
        method: 'POST',
        path: '/things/:id',
        answer: (request: NodeRequest) => {
          asked.push(request);
          const { id } = request.params;
          if (id === 'late') throw new BrokerUnavailableError('the broker does not answer');
          if (id === 'broken') throw new Error('an inner secret');
          return Promise.resolve({ status: 409, body: { message: 'not now', id } });
        },
      },
    ] as const;
    nodeRoutes.add(routes);
    return { asked, remove: () => nodeRoutes.remove(routes) };
  };

  test('is behind the same password, and told who asks', async () => {
    const { get, nodeRoutes } = await serve(withAdmin);
    const { asked } = added(nodeRoutes);
    expect((await get('/_node/things')).status).toBe(401);
    expect((await get('/_node/things', { user: 'admin:wrong' })).status).toBe(401);
    expect((await get('/_node/things', { ...admin, method: 'HEAD' })).status).toBe(200);
    expect(await (await get('/_node/things/?a=1&a=2', admin)).json()).toEqual({ things: [] });
    expect(asked.map(({ user, address }) => [user, address])).toEqual([
      ['admin', '127.0.0.1'],
      ['admin', '127.0.0.1'],
    ]);
    expect(asked[1]?.query.getAll('a')).toEqual(['1', '2']);
    const closed = await serve();
    added(closed.nodeRoutes);
    expect((await closed.get('/_node/things', admin)).status).toBe(403);
    const nobodyAsked = await serve(open);
    const there = added(nobodyAsked.nodeRoutes);
    expect((await nobodyAsked.get('/_node/things', admin)).status).toBe(200);
    expect(there.asked).toMatchObject([{ user: undefined }]);
  });

  test('has its ids decoded and its body parsed; its own status is answered', async () => {
    const { get, nodeRoutes } = await serve(open);
    const { asked } = added(nodeRoutes);
    const id = `a/b c?%#ü..${'x'.repeat(200)}`;
    const post = (path: string, body: string) => get(path, { method: 'POST', body });
    const answer = await post(`/_node/things/${encodeURIComponent(id)}`, '{"word": "x"}');
    expect([answer.status, await answer.json()]).toEqual([
      409,
      { error: 'Conflict', message: 'not now', id },
    ]);
    await post('/_node/things/b', 'no json');
    expect(asked).toMatchObject([
      { params: { id }, body: { word: 'x' } },
      { params: { id: 'b' }, body: undefined },
    ]);
  });

  test('is 503 when it says "not now", 500 without a word of why when it breaks', async () => {
    const { get, nodeRoutes } = await serve(open);
    added(nodeRoutes);
    const late = await get('/_node/things/late', { method: 'POST', body: '{}' });
    expect([late.status, await late.text()]).toEqual([
      503,
      expect.stringContaining('the broker does not answer'),
    ]);
    const broken = await get('/_node/things/broken', { method: 'POST', body: '{}' });
    expect([broken.status, await broken.text()]).toEqual([500, expect.not.stringContaining('inner secret')]);
  });

  test('404 before it is there and after it is gone; 405 for a method that nobody has', async () => {
    const { get, nodeRoutes } = await serve(open);
    expect((await get('/_node/things')).status).toBe(404);
    const { remove } = added(nodeRoutes);
    const wrong = await get('/_node/things', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await get('/_node/things/a')).status).toBe(405);
    expect((await get('/_node/logging', { method: 'PUT', body: '{}' })).headers.get('allow')).toBe(
      'GET, HEAD, POST',
    );
    remove();
    expect(await (await get('/_node/things')).json()).toMatchObject({ message: 'there is no /_node/things' });
  });
});
