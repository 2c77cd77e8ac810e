import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { errorClasses } from './errors.ts';
import { metricRooms } from './metrics.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

describe('docs/errors.md', () => {
  test('a code means one thing', async () => {
    const codes = (await errorClasses(checkout)).map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)]);
    expect(codes).toEqual(
      expect.arrayContaining(['http-bind', 'aws-denied', 'claim-lost', 'data-folder-in-use']),
    );
  });
});

describe('docs/metrics.md', () => {
  test('every room that has metrics is in it, and no name is there twice', async () => {
    const rooms = await metricRooms(checkout);
    expect(rooms.map(({ name }) => name)).toEqual([
      'libs/aws-control-plane',
      'libs/base',
      'libs/broker',
      'services/aws-discovery',
      'services/gateway-link',
      'services/subscription-manager',
    ]);
    const names = rooms.flatMap(({ specs }) => specs.map(({ name }) => name));
    expect(names).toEqual([...new Set(names)]);
    for (const name of names) expect(name).toMatch(/^federation_[a-z_]+$/u);
  });
});
