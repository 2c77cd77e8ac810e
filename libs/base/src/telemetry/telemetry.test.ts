import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { context, trace } from '@opentelemetry/api';
import { FederationError } from '../errors.ts';
import { testTelemetry } from '../../test/telemetry.ts';
import { createSecrets } from './redact.ts';
import { countFromZero, defineMetrics } from './metrics.ts';

describe('secrets', () => {
  test('of values that come and go the last thousand are known, and the lasting ones for ever', () => {
    const secrets = createSecrets(['lasting']);
    for (let index = 0; index <= 1_000; index += 1) secrets.addRecent(`recent-${index}.`);
    expect(secrets.redact('lasting recent-1000. recent-1. recent-0.')).toBe(
      '[redacted] [redacted] [redacted] recent-0.',
    );
  });

  test('are redacted by value, in every shape, and the line stays JSON', () => {
    const telemetry = testTelemetry();
    telemetry.secrets.add('s3cr"t/+=value');
    telemetry.secrets.add('bearer eyJhbGciOi');
    telemetry.secrets.add('20261122');
    telemetry.log.info({ at: 120261122999, exact: 20261122 }, 'key is s3cr"t/+=value, token=eyJhbGciOi');
    telemetry.log.info({ url: `http://h/?k=${encodeURIComponent('s3cr"t/+=value')}` }, 'sent');
    const text = JSON.stringify(telemetry.lines());
    expect(text).not.toContain('s3cr');
    expect(text).not.toContain('eyJhbGciOi');
    expect(telemetry.lines()[0]).toMatchObject({
      at: 120261122999,
      exact: '[redacted]',
      msg: 'key is [redacted], token=[redacted]',
    });
  });

  test('any value in any text is gone', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), fc.string(), (secret, rest) => {
        const line = createSecrets([secret]).redactLine(`${JSON.stringify({ msg: `${rest}${secret}` })}\n`);
        const { msg } = JSON.parse(line) as { msg: string };
        return msg.includes('[redacted]') && (secret.length < 11 || !msg.includes(secret));
      }),
    );
  });

  test('are redacted by name, at any depth, whatever their kind', () => {
    const telemetry = testTelemetry();
    const secret = { password: 'abc', headers: { authorization: ['xyz'] } };
    telemetry.log.info({ password: 'abc', deep: { er: { and: { deeper: [secret] } } }, token: 987 }, 'x');
    telemetry.log.child({ apiKey: { value: 'abc' } }).info('y');
    expect(JSON.stringify(telemetry.lines())).not.toMatch(/abc|xyz|987/u);
    expect(telemetry.lines()).toMatchObject([{ password: '[redacted]', msg: 'x' }, { msg: 'y' }]);
  });

  test('are redacted as a whole where one contains another, also after the shorter one was forgotten', () => {
    const secrets = createSecrets(['abcdef']);
    secrets.addRecent('abcd');
    expect(secrets.redact('abcde abcdef')).toBe('[redacted]e [redacted]');
    for (let index = 0; index < 1_000; index += 1) secrets.addRecent(`recent-${index}.`);
    expect(secrets.redact('abcde abcdef')).toBe('abcde [redacted]');
  });

  test('fields of an error stay out of the log, its chain of causes does not', () => {
    const telemetry = testTelemetry();
    const cause = Object.assign(new Error('refused'), { request: { body: 'private' } });
    telemetry.log.error({ err: new FederationError('no', { code: 'x', disposition: 'final', cause }) }, 'y');
    const [line] = telemetry.lines();
    expect(line).toMatchObject({ err: { type: 'FederationError', message: 'no: refused', code: 'x' } });
    expect(JSON.stringify(line)).not.toContain('private');
  });
});

describe('spans', () => {
  test('are active over awaits, nest, name their service, and log lines carry their ids', async () => {
    const telemetry = testTelemetry('one');
    const other = telemetry.forService('two');
    let carried: Record<string, string> = {};
    await telemetry.span('outer', { kind: 'server' }, async () => {
      await Promise.resolve();
      carried = telemetry.inject();
      telemetry.log.info('inside');
    });
    await other.span('inner', { kind: 'consumer', parent: carried }, () => Promise.resolve());
    const [outer, inner] = telemetry.spans();
    expect(inner?.spanContext().traceId).toBe(outer?.spanContext().traceId);
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(inner?.resource.attributes['service.name']).toBe('two');
    expect(telemetry.lines()[0]).toMatchObject({ trace_id: outer?.spanContext().traceId });
    expect(trace.getSpan(context.active())).toBeUndefined();
  });

  test('an error is recorded without secrets and thrown on; attributes are redacted', async () => {
    const telemetry = testTelemetry();
    telemetry.secrets.add('hunter22');
    const failing = telemetry.span('x', { attributes: { url: 'http://a:hunter22@b' } }, () =>
      Promise.reject(new Error('wrong password hunter22')),
    );
    await expect(failing).rejects.toThrow('hunter22');
    const [span] = telemetry.spans();
    expect(span?.status.message).toBe('wrong password [redacted]');
    expect(span?.attributes['url']).toBe('http://a:[redacted]@b');
    expect(JSON.stringify(span?.events)).not.toContain('hunter22');
  });

  test('headers without a trace begin a new one', async () => {
    const telemetry = testTelemetry();
    await telemetry.span('outer', {}, () => telemetry.span('x', { parent: {} }, () => Promise.resolve()));
    const [inner, outer] = telemetry.spans();
    expect(inner?.spanContext().traceId).not.toBe(outer?.spanContext().traceId);
  });
});

test('metrics are data; the same name is the same metric', async () => {
  const { registry } = testTelemetry();
  const specs = {
    things: { type: 'counter', name: 'federation_things_total', help: 'Things', labels: ['kind'] },
    time: { type: 'histogram', name: 'federation_time_seconds', help: 'Time', buckets: [1, 2] },
  } as const;
  const first = defineMetrics(registry, specs);
  defineMetrics(registry, specs).things.inc({ kind: 'a' });
  first.things.inc({ kind: 'a' });
  first.time.observe(1.5);
  expect(await registry.metrics()).toContain('federation_things_total{kind="a"} 2');
});

test('counters whose labels are known begin at 0, the others when they are known', async () => {
  const { registry } = testTelemetry();
  const specs = {
    answers: {
      type: 'counter',
      name: 'federation_answers_total',
      help: 'Answers',
      labels: ['call', 'answer'],
      zeros: { call: ['create'], answer: ['id', 'lost'] },
    },
    replies: {
      type: 'counter',
      name: 'federation_replies_total',
      help: 'Replies',
      labels: ['integration', 'outcome'],
      zeros: { outcome: ['delivered', 'refused'] },
    },
  } as const;
  const { replies } = defineMetrics(registry, specs);
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((line) => /^federation_(?:answers|replies)/u.test(line));
  expect(await lines()).toEqual([
    'federation_answers_total{call="create",answer="id"} 0',
    'federation_answers_total{call="create",answer="lost"} 0',
  ]);
  replies.inc({ integration: 'i', outcome: 'refused' });
  countFromZero(replies, specs.replies, { integration: 'i' });
  expect((await lines()).slice(2)).toEqual([
    'federation_replies_total{integration="i",outcome="refused"} 1',
    'federation_replies_total{integration="i",outcome="delivered"} 0',
  ]);
});
