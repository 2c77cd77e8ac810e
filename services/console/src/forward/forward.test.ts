/** The trail leaves a real broker for a real file and a real endpoint, in order and over restarts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import { AgentConfig, limitsAt } from '@federation-agent/contracts';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import { connectBroker, ensureTopology, publishEvent, type Broker } from '@federation-agent/broker';
import { startTestBroker, testConfig } from '@federation-agent/broker/test';
import { createHealth, type Health } from '@federation-agent/service-kit';
import { startForwarding, type Forwarding } from './forward.ts';

jest.setTimeout(30_000);

const limits = limitsAt(20);
const telemetry = testTelemetry();
const folder = mkdtempSync(join(tmpdir(), 'forwarding-'));
let server: Awaited<ReturnType<typeof startTestBroker>>;
let broker: Broker;
let published = 0;
const running: Forwarding[] = [];

beforeAll(async () => {
  server = await startTestBroker();
  broker = await connectBroker({
    config: testConfig(server.url),
    service: 'console',
    name: 'console-1',
    limits,
    telemetry,
  });
  for (const service of ['subscription-manager', 'console'] as const)
    await ensureTopology(broker, service, { replicas: 1 });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
afterAll(async () => {
  await broker.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

function start(forward: object): { readonly forwarding: Forwarding; readonly health: Health } {
  const health = createHealth();
  const config = AgentConfig.parse({ federation: { events: { forward } } });
  const forwarding = startForwarding({
    service: 'console',
    instance: 'console-1',
    version: '1.2.3',
    config,
    limits,
    broker,
    telemetry,
    health,
    clock: systemClock,
    random: systemRandomness,
  });
  running.push(forwarding);
  return { forwarding, health };
}

/** Publishes so many events; answers the details of all so far. */
function publish(count: number): string[] {
  for (let number = 0; number < count; number += 1) {
    published += 1;
    publishEvent(broker, 'operator', {
      at: Date.now(),
      integrationId: 'i-1',
      actor: { kind: 'operator', name: 'ada' },
      outcome: 'ok',
      what: 'scan',
      detail: `event ${published}`,
    });
  }
  return Array.from({ length: published }, (_none, index) => `event ${index + 1}`);
}

const Line = z.object({
  kind: z.literal('operator'),
  by: z.literal('ada'),
  sequence: z.number(),
  detail: z.string(),
});
const linesOf = (path: string): string[] =>
  (existsSync(path) ? readFileSync(path, 'utf8') : '')
    .split('\n')
    .filter(Boolean)
    .map((line) => Line.parse(JSON.parse(line)).detail);

test('to a file: everything that the stream has, in order; a restart repeats nothing and leaves out nothing', async () => {
  const path = join(folder, 'events.jsonl');
  const before = publish(3);
  const { forwarding } = start({ file: { path } });
  await eventually(() => linesOf(path).length === before.length);
  await forwarding.stop();
  const all = publish(2);
  start({ file: { path } });
  await eventually(() => linesOf(path).length >= all.length);
  expect(linesOf(path)).toEqual(all);
});

test('a file that cannot be written: health says why, nothing is lost, and it goes on when it can', async () => {
  const blocked = join(folder, 'blocked');
  writeFileSync(blocked, 'a file where a folder should be');
  const path = join(blocked, 'events.jsonl');
  const { health } = start({ file: { path } });
  const since = published;
  publish(3);
  const shown = () => health.report().components['events:file'];
  await eventually(() => shown()?.status === 'degraded');
  expect(shown()?.detail).toMatch(/does not take events: .*wait in the stream/u);
  rmSync(blocked);
  await eventually(() => linesOf(path).length === 3);
  expect(linesOf(path)).toEqual([1, 2, 3].map((number) => `event ${since + number}`));
  await eventually(() => shown()?.status === 'up');
});

const Request = z.object({
  resourceLogs: z.tuple([
    z.object({
      scopeLogs: z.tuple([
        z.object({
          logRecords: z.tuple([
            z.object({ body: z.object({ stringValue: z.string() }), severityText: z.string() }),
          ]),
        }),
      ]),
    }),
  ]),
});

/** An endpoint at the edge of the world: it keeps what it says that it has taken. */
async function startCollector(port = 0) {
  const taken: string[] = [];
  const asked: (string | undefined)[] = [];
  let status = 200;
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const [{ scopeLogs }] = Request.parse(JSON.parse(Buffer.concat(parts).toString('utf8'))).resourceLogs;
      const [record] = scopeLogs[0].logRecords;
      if (status === 200) taken.push(Line.parse(JSON.parse(record.body.stringValue)).detail);
      response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    taken,
    asked,
    answer: (next: number) => {
      status = next;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

test('to an OTLP endpoint: through refusals, a restart and an endpoint that is away, each event once and in order', async () => {
  const first = await startCollector();
  const otlp = { endpoint: `http://127.0.0.1:${first.port}/`, authorization: 'Bearer telltale' };
  first.answer(503);
  const { forwarding, health } = start({ otlp });
  publish(1);
  const shown = (of: Health) => of.report().components['events:otlp'];
  await eventually(() => shown(health)?.status === 'degraded');
  expect(shown(health)?.detail).toContain('it answers 503');
  expect(first.asked[0]).toBe('POST /v1/logs Bearer telltale');
  await forwarding.stop();

  first.answer(200);
  const again = start({ otlp });
  await eventually(() => first.taken.length === published);
  const { port } = first;
  await first.stop();
  const before = published;
  publish(2);
  await eventually(() => shown(again.health)?.status === 'degraded');
  const second = await startCollector(port);
  await eventually(() => second.taken.length === 2);
  const all = publish(0);
  expect([first.taken, second.taken]).toEqual([all.slice(0, before), all.slice(before)]);
  await eventually(() => shown(again.health)?.status === 'up');
  expect(JSON.stringify([telemetry.lines(), again.health.report()])).not.toContain('telltale');
  await second.stop();
});
