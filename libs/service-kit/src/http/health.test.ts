import { expect, test } from '@jest/globals';
import { createHealth, scopeHealth } from './health.ts';

test('ready unless something required is down; degraded unless everything is up', () => {
  const health = createHealth();
  expect(health.report()).toEqual({ status: 'up', ready: true, components: {} });
  health.set('b', { status: 'up', required: true });
  health.set('a', { status: 'down', detail: 'denied' });
  expect(health.report()).toMatchObject({ status: 'degraded', ready: true });
  expect(Object.keys(health.report().components)).toEqual(['a', 'b']);
  health.set('b', { status: 'degraded', required: true });
  expect(health.ready()).toBe(true);
  health.set('b', { status: 'down', required: true });
  expect(health.report()).toMatchObject({ status: 'down', ready: false });
  health.remove('b');
  expect(health.ready()).toBe(true);
});

test('services in one process have components of their own', () => {
  const health = createHealth();
  const [one, two] = [scopeHealth(health, 'one'), scopeHealth(health, 'two')];
  one.set('broker', { status: 'down', required: true });
  two.set('broker', { status: 'up', required: true });
  expect(Object.keys(health.report().components)).toEqual(['one.broker', 'two.broker']);
  expect(two.ready()).toBe(false);
  one.remove('broker');
  expect(health.ready()).toBe(true);
});
