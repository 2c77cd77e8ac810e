import { expect, test } from '@jest/globals';
import { createFailedLogins, maxFailures, refillMs } from './failed-logins.ts';

const fail = (logins: ReturnType<typeof createFailedLogins>, address: string, now: number): void => {
  for (let index = 0; index < maxFailures; index += 1) logins.failed(address, now);
};

test('an address has its tries, and regains them one by one', () => {
  const logins = createFailedLogins();
  for (let index = 0; index < maxFailures; index += 1) {
    expect(logins.waitMs('10.0.0.1', 0)).toBe(0);
    logins.failed('10.0.0.1', 0);
  }
  expect(logins.waitMs('10.0.0.1', 0)).toBe(refillMs);
  expect(logins.waitMs('10.0.0.1', refillMs - 1)).toBe(1);
  expect(logins.waitMs('10.0.0.1', refillMs)).toBe(0);
  logins.failed('10.0.0.1', refillMs);
  expect(logins.waitMs('10.0.0.1', refillMs)).toBe(refillMs);
  expect(logins.waitMs('10.0.0.2', 0)).toBe(0);
});

test('addresses of one IPv6 network are one; IPv4 in IPv6 is itself', () => {
  const logins = createFailedLogins();
  fail(logins, '2001:db8:0:1::5', 0);
  expect(logins.waitMs('2001:db8:0:1:aaaa::7', 0)).toBe(refillMs);
  expect(logins.waitMs('2001:db8:0:2::5', 0)).toBe(0);
  fail(logins, '::ffff:10.0.0.1', 0);
  expect(logins.waitMs('::ffff:10.0.0.2', 0)).toBe(0);
});

test('a thousand addresses are remembered, no more', () => {
  const logins = createFailedLogins();
  fail(logins, 'first', 0);
  for (let index = 0; index < 999; index += 1) logins.failed(`other-${index}`, 0);
  expect(logins.waitMs('first', 0)).toBe(refillMs);
  logins.failed('one-more', 0);
  expect(logins.waitMs('first', 0)).toBe(0);
});
