import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { systemClock } from '@federation-agent/base';
import { testTelemetry } from '@federation-agent/base/test';
import { openDataFolder } from '@federation-agent/embedded-broker';
import { failedOf, portOf, resultsOf, useInstallation } from '../test/installation.ts';

const { it, ending } = useInstallation();

test('a port that something else has is said', async () => {
  const server = createServer((_request, response) => response.end('hello'));
  ending.push(() => server.close());
  const port = await portOf(server);
  const results = await it().examine({ gravitee_services_core_http_port: String(port) });
  expect(failedOf(results)).toEqual(['agent']);
  expect(resultsOf(results, 'agent')[0]).toMatchObject({
    detail: expect.stringContaining(`port ${port} is in use by a program that is not an agent`),
    fix: expect.stringContaining('services.core.http.port'),
  });
});

test('the embedded broker of a running agent is left alone', async () => {
  const dataDir = join(it().folder, 'data');
  const { log } = testTelemetry();
  const held = await openDataFolder({ path: dataDir, explicit: true, log, clock: systemClock });
  ending.push(() => held.release());
  const before = await readdir(dataDir);
  const results = await it().examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(resultsOf(results, 'agent')[0]?.detail).toContain('one runs');
  expect(resultsOf(results, 'broker')).toMatchObject([
    { status: 'skipped', detail: expect.stringContaining('running agent') },
  ]);
  expect(await readdir(dataDir)).toEqual(before);
});

test('without a running agent an embedded broker is tried elsewhere', async () => {
  const dataDir = join(it().folder, 'new', 'data');
  const results = await it().examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(failedOf(results)).toEqual([]);
  expect(resultsOf(results, 'jetstream')).toMatchObject([{ status: 'ok', subject: 'embedded' }]);
  expect(resultsOf(results, 'broker')[0]?.detail).toMatch(/can be made|is not on a volume/u);
});

test('a data folder that cannot be written stops an agent that was told to use it', async () => {
  await writeFile(join(it().folder, 'file'), '');
  const dataDir = join(it().folder, 'file', 'data');
  const results = await it().examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(failedOf(results)).toEqual(['broker']);
  expect(resultsOf(results, 'broker')[0]).toMatchObject({
    subject: 'data folder',
    detail: `${dataDir} cannot be written`,
    fix: expect.stringContaining('federation.dataDir'),
  });
});
