import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { limitsAt, streams, type StreamName } from '@federation-agent/contracts';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import type { Broker } from '../broker.ts';
import { publish, publishEvent } from './publish.ts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../../test/broker.ts';

const telemetry = testTelemetry();
let server: TestBroker;
let broker: Broker;

beforeAll(async () => {
  server = await startTestBroker();
  broker = await connectTestBroker(server, 'aws-discovery', limitsAt(20), telemetry);
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});
const countOf = async (stream: StreamName) =>
  (await broker.jsm.streams.info(broker.names.stream(stream))).state.messages;

test('while the broker is killed and comes back: every message is stored, once', async () => {
  const subject = broker.subjects.ingest('one');
  const sending = Array.from({ length: 100 }, (_, n) =>
    publish(broker, subject, { n }, { id: `id-${n}`, until: Date.now() + 15_000 }),
  );
  await server.kill();
  const late = Array.from({ length: 100 }, (_, n) =>
    publish(broker, subject, { n }, { id: `late-${n}`, until: Date.now() + 15_000 }),
  );
  await server.restart();
  await Promise.all([...sending, ...late]);
  expect(await countOf(streams.ingest)).toBe(200);
});

test('the same id again is the same message', async () => {
  const before = await countOf(streams.ingest);
  const options = { id: 'twice', until: Date.now() + 1_000 };
  await publish(broker, broker.subjects.ingest('two'), {}, options);
  await publish(broker, broker.subjects.ingest('two'), {}, options);
  expect(await countOf(streams.ingest)).toBe(before + 1);
});

test('gives up at its time with an error that may be tried again', async () => {
  const nowhere = publish(broker, 'federation-agent.v1.nowhere', {}, { id: 'x', until: Date.now() + 200 });
  await expect(nowhere).rejects.toMatchObject({ code: 'broker-unavailable', disposition: 'retryable' });
  expect(await telemetry.registry.metrics()).toMatch(/publish_retries_total\{subject="nowhere"\} [1-9]/u);
});

test('carries the trace and leaves a producer span', async () => {
  await telemetry.span('outer', {}, () =>
    publish(broker, broker.subjects.ingest('traced'), {}, { id: 'traced', until: 0, headers: { a: 'b' } }),
  );
  const stored = await broker.jsm.streams.getMessage(broker.names.stream(streams.ingest), {
    last_by_subj: broker.subjects.ingest('traced'),
  });
  const [producer, outer] = telemetry.spans().slice(-2);
  expect(producer?.attributes).toMatchObject({
    'messaging.system': 'nats',
    'messaging.message.id': 'traced',
  });
  expect(producer?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(stored?.header.get('traceparent')).toContain(producer?.spanContext().spanId);
  expect(stored?.header.get('a')).toBe('b');
});

test('events never throw and never block', async () => {
  const event = {
    at: 1,
    integrationId: 'i',
    actor: { kind: 'agent' },
    outcome: 'ok',
    linkId: 'l',
    what: 'closed',
    endpoint: 'e',
  } as const;
  publishEvent(broker, 'link', event);
  await eventually(async () => (await countOf(streams.events)) > 0);
  const stored = await broker.jsm.streams.getMessage(broker.names.stream(streams.events), {
    last_by_subj: broker.subjects.event('link', 'closed', 'i'),
  });
  expect(stored?.json()).toEqual({ version: 2, ...event });
});
