import { expect, test } from '@jest/globals';
import { FederationError, describeError } from './errors.ts';

test('an error is one line with its causes, never with its fields', () => {
  const deep = Object.assign(new Error('refused\nby peer'), { request: 'private' });
  const cause = new Error('because', { cause: deep });
  const failure = new FederationError('no', { code: 'no', disposition: 'poison', cause });
  expect(describeError(failure)).toBe('no: because: refused by peer');
  expect(describeError(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(describeError('text')).toBe('text');
  expect(describeError(undefined)).toBe('');
  const loop: { message: string; cause?: unknown } = { message: 'loop' };
  loop.cause = loop;
  expect(describeError(loop)).toBe('loop');
});
