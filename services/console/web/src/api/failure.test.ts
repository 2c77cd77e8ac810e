import { expect, test } from '@jest/globals';
import { failureOf } from './failure.ts';

test('what the API says is the detail', () =>
  expect(failureOf(409, { error: 'Conflict', message: 'The record has changed.' })).toEqual({
    status: 409,
    title: 'This does not apply any more.',
    detail: 'The record has changed.',
  }));

test.each([undefined, null, '<html>', { message: 7 }])(
  'an answer of somebody else (%j) has no detail',
  (body) =>
    expect(failureOf(502, body)).toEqual({
      status: 502,
      title: 'The console answered with status 502.',
      detail: '',
    }),
);

test('no answer at all says what to look at', () =>
  expect(failureOf(0, undefined).detail).toMatch(/running/u));
