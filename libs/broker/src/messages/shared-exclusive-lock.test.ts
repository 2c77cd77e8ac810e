import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSharedExclusiveLock } from './shared-exclusive-lock.ts';

const never = new AbortController().signal;

test('whoever is alone is alone, and everybody gets in at last', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ alone: fc.boolean(), turns: fc.nat(5) }), { maxLength: 30 }),
      async (visits) => {
        const lock = createSharedExclusiveLock();
        const inside = new Set<{ alone: boolean }>();
        await Promise.all(
          visits.map(async (visit) => {
            const release = await lock.acquire(visit.alone, never);
            inside.add(visit);
            for (let turn = 0; turn <= visit.turns; turn += 1) {
              if (inside.size > 1 && [...inside].some(({ alone }) => alone)) throw new Error('not alone');
              await Promise.resolve();
            }
            inside.delete(visit);
            release?.();
            release?.();
          }),
        );
      },
    ),
  );
});

test('who gives up waiting holds up nobody', async () => {
  const lock = createSharedExclusiveLock();
  const first = await lock.acquire(false, never);
  const impatient = new AbortController();
  const alone = lock.acquire(true, impatient.signal);
  const later = lock.acquire(false, never);
  impatient.abort();
  expect(await alone).toBeUndefined();
  expect(await later).toBeDefined();
  expect(await lock.acquire(false, AbortSignal.abort())).toBeUndefined();
  first?.();
});
