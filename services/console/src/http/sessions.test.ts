import { expect, test } from '@jest/globals';
import { createSessions, sessionCookie, sessionIdIn } from './sessions.ts';

const ada = { user: 'ada', role: 'operator' } as const;

test('a session has a new id each time, ends with the logout, and after half a day', () => {
  let now = 0;
  const sessions = createSessions(() => now);
  const [first, second] = [sessions.open(ada), sessions.open(ada)];
  expect(first).not.toBe(second);
  expect(sessions.personOf(first)).toBe(ada);
  sessions.close(first);
  expect([sessions.personOf(first), sessions.personOf(second)]).toEqual([undefined, ada]);
  now = 12 * 60 * 60_000;
  expect(sessions.personOf(second)).toBeUndefined();
});

test('memory is bounded: the oldest session goes first', () => {
  const sessions = createSessions(() => 0);
  const ids = Array.from({ length: 1_001 }, () => sessions.open(ada));
  expect(sessions.personOf(ids[0])).toBeUndefined();
  expect(sessions.personOf(ids[1])).toBe(ada);
});

test('the cookie is out of reach of scripts and of other sites', () => {
  const cookie = sessionCookie('id', true);
  for (const part of ['HttpOnly', 'SameSite=Strict', 'Secure', 'Path=/']) expect(cookie).toContain(part);
  expect(sessionIdIn(`a=b; ${cookie.split(';')[0] ?? ''}`)).toBe('id');
  expect(sessionIdIn(undefined)).toBeUndefined();
});
