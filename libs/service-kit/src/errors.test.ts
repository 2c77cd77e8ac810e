import { expect, test } from '@jest/globals';
import { errors as nats } from '@nats-io/transport-node';
import { JetStreamApiError } from '@nats-io/jetstream';
import {
  BrokerUnavailableError,
  HandBackError,
  PoisonError,
  UnreadableRecordError,
  describeError,
  dispositionOf,
} from './errors.ts';

test('the disposition is decided by the cause', () => {
  const api = (code: number, err_code: number) => new JetStreamApiError({ code, err_code, description: 'x' });
  const table: [unknown, string][] = [
    [new BrokerUnavailableError('x'), 'retryable'],
    [new HandBackError(), 'retryable'],
    [new PoisonError('x'), 'poison'],
    [new UnreadableRecordError('b', 'k', null), 'final'],
    [new nats.TimeoutError(), 'retryable'],
    [new nats.NoRespondersError('s'), 'retryable'],
    [new nats.ClosedConnectionError(), 'retryable'],
    [api(503, 10_008), 'retryable'],
    [api(400, 10_071), 'final'],
    [new TypeError('bug'), 'final'],
    ['text', 'final'],
    [undefined, 'final'],
  ];
  for (const [error, disposition] of table)
    expect([error, dispositionOf(error)]).toEqual([error, disposition]);
});

test('an error is one line with its causes, never with its fields', () => {
  const deep = Object.assign(new Error('refused\nby peer'), { request: 'private' });
  expect(describeError(new PoisonError('no', new Error('because', { cause: deep })))).toBe(
    'no: because: refused by peer',
  );
  expect(describeError(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(describeError('text')).toBe('text');
  expect(describeError(undefined)).toBe('');
  const loop: { message: string; cause?: unknown } = { message: 'loop' };
  loop.cause = loop;
  expect(describeError(loop)).toBe('loop');
});
