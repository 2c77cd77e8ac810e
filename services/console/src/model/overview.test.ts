import { expect, test } from '@jest/globals';
import type { Overview } from '../api/index.ts';
import { scanOf, statusOf } from '../../test/samples.ts';
import { overviewOf, type Facts } from './overview.ts';
import { scanTarget } from './scans.ts';

const counts: Overview['counts'] = {
  stages: 1,
  listed: 1,
  hidden: 0,
  stale: 0,
  targets: 1,
  subscriptions: 0,
  needPerson: 0,
  ingestsRunning: 0,
  deadLetters: 0,
};
const services = ['gateway-link', 'aws-discovery', 'subscription-manager'];
/** One process with everything: names of components begin with their service. */
const wellStatuses = services.map((service) =>
  statusOf({
    service,
    components: {
      'gateway-link.apim:i-1': { status: 'up' },
      'aws-discovery.aws:i-1:111111111111/eu-west-1': { status: 'up' },
    },
  }),
);
const facts = (changes: Partial<Facts> = {}): Facts => ({
  now: 100,
  statuses: wellStatuses,
  brokerDownSince: undefined,
  trouble: undefined,
  loaded: true,
  targets: [scanTarget(scanOf(), { budget: undefined, now: 100, stages: 1 })],
  counts,
  ...changes,
});
const states = ({ chain }: Overview): string => chain.map(({ id, state }) => `${id} ${state}`).join(', ');

test('all is well: no alert', () => {
  const overview = overviewOf(facts());
  expect(states(overview)).toBe('apim up, link up, broker up, discovery up, subscription up, aws up');
  expect(overview).toMatchObject({ model: 'ready', alerts: [] });
  expect(overview.processes).toMatchObject([
    { instance: 'agent-1', services: [...services].sort(), state: 'up' },
  ]);
});

test('APIM refuses one integration: the part and the alert say why', () => {
  const components = { 'apim:i-1': { status: 'down', detail: 'the token is not accepted' } } as const;
  const statuses = wellStatuses.map((one) =>
    one.service === 'gateway-link' ? statusOf({ instance: 'link-1', components }) : one,
  );
  const overview = overviewOf(facts({ statuses: [statuses[0] ?? statusOf()] }));
  expect(states(overview)).toBe('apim down, link up, broker up, discovery down, subscription down, aws up');
  expect(overview.alerts[0]).toMatchObject({ severity: 'error', text: 'APIM: the token is not accepted' });
});

test('AWS denies a target: a warning that leads to the scans', () => {
  const record = scanOf({ lastFailure: 'GetRestApis is denied', lastAttemptAt: 50 });
  const targets = [scanTarget(record, { budget: undefined, now: 100, stages: 1 })];
  const overview = overviewOf(facts({ targets }));
  expect(overview.alerts).toEqual([
    { severity: 'warning', text: 'AWS: GetRestApis is denied', page: '/scans' },
  ]);
});

test('the broker is away: nobody can be asked, and what is shown is old', () => {
  const overview = overviewOf(facts({ statuses: undefined, brokerDownSince: 50 }));
  expect(states(overview)).toBe(
    'apim unknown, link unknown, broker down, discovery unknown, subscription unknown, aws up',
  );
  expect(overview).toMatchObject({ model: 'stale', alerts: [{ severity: 'error' }] });
});

test('errors come before warnings, and work for a person is one', () => {
  const overview = overviewOf(facts({ statuses: [], counts: { ...counts, needPerson: 2, deadLetters: 1 } }));
  expect(overview.alerts.map(({ severity }) => severity)).toEqual([
    'error',
    'error',
    'error',
    'error',
    'warning',
    'warning',
  ]);
  expect(overview.alerts.map(({ text }) => text)).toContain('2 subscriptions need a person');
});
