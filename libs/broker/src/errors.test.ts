import { expect, test } from '@jest/globals';
import { errors as nats } from '@nats-io/transport-node';
import { JetStreamApiError } from '@nats-io/jetstream';
import {
  BrokerUnavailableError,
  HandBackError,
  PoisonError,
  UnreadableRecordError,
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
