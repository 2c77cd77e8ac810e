import { expect, test } from '@jest/globals';
import { createPendingLogins, loginCookie, loginIdIn } from './pending-logins.ts';

const login = (state: string) => ({ checks: { state, nonce: 'n', verifier: 'v' }, returnTo: '/' });

test('a login is given out once, to its browser, with its state', () => {
  const logins = createPendingLogins(() => 0);
  const [ada, vic] = [logins.open(login('a')), logins.open(login('v'))];
  expect(logins.take(vic, 'a')).toBeUndefined();
  expect(logins.take(undefined, 'a')).toBeUndefined();
  expect(logins.take(ada, null)).toBeUndefined();
  expect(logins.take(ada, 'a')).toEqual(login('a'));
  expect(logins.take(ada, 'a')).toBeUndefined();
  expect(logins.take(vic, 'v')).toEqual(login('v'));
});

test('it ends after ten minutes', () => {
  let now = 0;
  const logins = createPendingLogins(() => now);
  const id = logins.open(login('a'));
  now = 10 * 60_000;
  expect(logins.take(id, 'a')).toBeUndefined();
});

test('memory is bounded: the oldest goes first', () => {
  const logins = createPendingLogins(() => 0);
  const ids = Array.from({ length: 10_001 }, () => logins.open(login('a')));
  expect(logins.take(ids[0], 'a')).toBeUndefined();
  expect(logins.take(ids[1], 'a')).toBeDefined();
});

test('its cookie goes to the login only', () => {
  const cookie = loginCookie('id', true);
  for (const part of ['HttpOnly', 'SameSite=Strict', 'Secure', 'Path=/api/login; ', 'Max-Age=600'])
    expect(cookie).toContain(part);
  expect(loginIdIn(`federation-console=x; ${cookie.split(';')[0] ?? ''}`)).toBe('id');
});
