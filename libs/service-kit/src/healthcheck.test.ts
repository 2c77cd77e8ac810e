import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { healthcheck } from './healthcheck.ts';

let ready: boolean;
let port: number;
let cwd: string;
const server = createServer((request, response) => {
  response.statusCode = request.url === '/healthz' || ready ? 200 : 503;
  response.end('{"broker":"down"}');
});

beforeEach(async () => {
  ready = true;
  cwd = await mkdtemp(join(tmpdir(), 'healthcheck-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.close();
  await rm(cwd, { recursive: true });
});

const asked = (env: Record<string, string> = {}, argv: string[] = []) =>
  healthcheck({ argv, env: { gravitee_services_core_http_port: String(port), ...env }, cwd });

test('ready is well, not ready is told with the report, and lives all the same', async () => {
  expect(await asked()).toEqual({ well: true, line: `http://localhost:${port}/readyz: 200` });
  ready = false;
  expect(await asked()).toEqual({
    well: false,
    line: `http://localhost:${port}/readyz: 503 {"broker":"down"}`,
  });
  expect(await asked({}, ['--live'])).toMatchObject({ well: true });
});

test('the port and the host are those of the configuration, files and references included', async () => {
  await writeFile(
    join(cwd, 'a.yml'),
    `services: { core: { http: { host: 0.0.0.0, port: ${port} } } }\ncloud: { token: 'secret://env/NONE' }`,
  );
  const { well, line } = await healthcheck({ argv: ['--config', 'a.yml'], env: {}, cwd });
  expect([well, line]).toEqual([true, `http://127.0.0.1:${port}/readyz: 200`]);
});

test('nobody there, nothing served, and a port that is none', async () => {
  server.close();
  await expect(asked()).resolves.toMatchObject({
    well: false,
    line: expect.stringContaining('ECONNREFUSED'),
  });
  await expect(asked({ gravitee_services_core_http_enabled: 'false' })).resolves.toMatchObject({
    well: true,
  });
  await expect(asked({ gravitee_services_core_http_port: 'many' })).rejects.toThrow(
    'services.core.http.port',
  );
  server.listen(0);
});
