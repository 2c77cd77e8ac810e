import { describe, expect, it } from '@jest/globals';
import { areComplete, nameOf, rolesOf } from './claims.ts';

describe('the name', () => {
  it.each([
    ['the claim', { preferred_username: ' ada ' }, 'preferred_username', 'ada'],
    ['sub where the claim is missing', {}, 'preferred_username', 's-1'],
    ['sub where it is no text', { preferred_username: ['ada'] }, 'preferred_username', 's-1'],
    ['sub where it is blank', { preferred_username: ' ' }, 'preferred_username', 's-1'],
    ['sub where it is endless', { preferred_username: 'a'.repeat(257) }, 'preferred_username', 's-1'],
    ['an address that is verified', { email: 'a@b.example', email_verified: true }, 'email', 'a@b.example'],
    ['not one that everybody can claim', { email: 'a@b.example', email_verified: false }, 'email', 's-1'],
  ])('is %s', (_what, claims, userClaim, name) => {
    expect(nameOf({ sub: 's-1', ...claims }, { userClaim })).toBe(name);
  });
});

describe('the roles', () => {
  it.each([
    ['a list', { groups: ['a', 'b', 1, null] }, 'groups', ['a', 'b']],
    ['one text', { groups: 'a' }, 'groups', ['a']],
    ['within an object', { realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
    ['a claim whose name has dots', { 'https://a.example/roles': ['a'] }, 'https://a.example/roles', ['a']],
    ['nothing', { groups: ['a'] }, undefined, []],
    ['what is not there', {}, 'realm_access.roles', []],
    ['no part of a text', { groups: 'abc' }, 'groups.length', []],
    ['nothing inherited', {}, 'constructor.name', []],
  ])('%s', (_what, claims, rolesClaim, roles) => {
    expect(rolesOf({ sub: 's-1', ...claims }, { rolesClaim })).toEqual(roles);
  });
});

it('claims are complete when name and roles are there', () => {
  const wanted = { userClaim: 'name', rolesClaim: 'a.b' };
  expect(areComplete({ sub: 's', name: 'x', a: { b: [] } }, wanted)).toBe(true);
  expect(areComplete({ sub: 's', name: 'x', a: {} }, wanted)).toBe(false);
  expect(areComplete({ sub: 's', name: 'x' }, { userClaim: 'name' })).toBe(true);
});
