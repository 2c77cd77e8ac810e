import { expect, test } from '@jest/globals';
import { useFixture } from '../../test/run-fixture.ts';

const start = useFixture();

test('a service serves the node API, and its own routes there; a level that is changed there holds at once, until it stops', async () => {
  const service = start({
    gravitee_services_core_http_authentication_users_admin: 'adminadmin',
    gravitee_federation_log_loggers_broker: 'error',
  });
  await service.logged('started');
  const url = String((await service.logged('health server listens'))['url']);
  const headers = { authorization: `Basic ${btoa('admin:adminadmin')}` };
  const node = (path: string, init: RequestInit = {}) => fetch(`${url}/_node${path}`, { headers, ...init });

  expect((await fetch(`${url}/_node`)).status).toBe(401);
  expect(await (await node('')).json()).toMatchObject({ name: 'gateway-link', services: ['gateway-link'] });
  expect(await (await node('/fixture')).json()).toEqual({ of: 'the fixture' });
  expect(await (await node('/health')).json()).toMatchObject({ broker: { healthy: true } });
  expect(await (await node('/logging')).json()).toMatchObject({
    ROOT: 'INFO',
    'gateway-link': 'INFO',
    'gateway-link.broker': 'ERROR',
  });
  const changed = await node('/logging', { method: 'POST', body: '{"gateway-link": "ERROR"}' });
  expect(await changed.json()).toMatchObject({ 'gateway-link': 'ERROR' });
  service.child.kill('SIGTERM');
  const { code, out } = await service.ended;
  expect(code).toBe(0);
  expect(out).not.toContain('drained');
  expect(out).not.toContain('adminadmin');
});

test('for people when it is asked for', async () => {
  const service = start({ gravitee_federation_log_format: 'pretty' });
  expect(await service.line(/ started/u)).toMatch(/^[\d:.]{12} INFO {2}gateway-link: started$/u);
  service.child.kill('SIGTERM');
  expect((await service.ended).code).toBe(0);
});
