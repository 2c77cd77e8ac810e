import { expect, test } from '@jest/globals';
import { FederationError } from '../errors.ts';
import { testTelemetry } from '../../test/telemetry.ts';
import { createTelemetry } from './create.ts';
import { createLogLevels } from './log-levels.ts';
import { prettyLine } from './log-pretty.ts';

test('the level of a logger: service and area, else the area, else the service, else all', () => {
  const loggers = { Gateway_Link: 'warn', broker: 'debug', 'aws-discovery.broker': 'error' } as const;
  const levels = createLogLevels({ level: 'info', loggers });
  expect(
    [
      'subscription-manager',
      'gateway-link',
      'gateway-link.http',
      'gateway-link.broker',
      'aws-discovery.broker',
    ].map((name) => levels.levelOf(name)),
  ).toEqual(['info', 'warn', 'warn', 'debug', 'error']);
  levels.setAll('fatal');
  levels.set('broker', 'trace');
  expect([levels.levelOf('x'), levels.levelOf('gateway-link.broker')]).toEqual(['fatal', 'trace']);
  levels.setAll(undefined);
  levels.set('broker', undefined);
  levels.set('x', 'warn');
  levels.set('x', undefined);
  expect([levels.levelOf('x'), levels.levelOf('gateway-link.broker')]).toEqual(['info', 'debug']);
});

test('children follow their parent, areas their own level, whenever they were made', () => {
  const lines: string[] = [];
  const telemetry = createTelemetry({
    service: 'one',
    instance: 'one-1',
    version: '0',
    level: 'info',
    loggers: { http: 'error' },
    destination: { write: (line) => void lines.push(line) },
  });
  const child = telemetry.log.child({ integrationId: 'i' });
  const http = telemetry.forArea('http');
  const below = http.log.child({ request: 1 });
  child.debug('no');
  below.warn('no');
  below.error('yes');
  telemetry.levels.setAll('debug');
  telemetry.levels.set('one.http', 'debug');
  child.debug('yes');
  below.debug('yes');
  telemetry.forService('two').log.trace('no');
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { msg: 'yes', service: 'one', logger: 'http', request: 1 },
    { msg: 'yes', integrationId: 'i' },
    { msg: 'yes', logger: 'http' },
  ]);
  expect(lines).toHaveLength(3);
  expect(Object.keys(telemetry.levels.view())).toEqual(['http', 'one', 'one.http', 'two']);
});

test('for people: what happened, then its facts, then the stack; whatever is no log line stays as it is', () => {
  const telemetry = testTelemetry('gateway-link');
  telemetry.forArea('http').log.warn({ url: 'http://h/', why: 'two words', n: 3 }, 'it\u001B[31m happened');
  const cause = new Error('refused');
  telemetry.log.error(
    { err: new FederationError('no', { code: 'x', disposition: 'final', cause }) },
    'failed',
  );
  const [first, second] = telemetry.lines().map((line) => prettyLine(JSON.stringify(line), false));
  expect(first).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}gateway-link\.http: it\\u001b\[31m happened url=http:\/\/h\/ why="two words" n=3\n$/u,
  );
  expect(second).toMatch(/ERROR gateway-link: failed\n {2}no: refused\n {4}at .*log\.test\.ts/u);
  expect(prettyLine('plain\n', true)).toBe('plain\n');
  expect(prettyLine('{"level":"info","msg":"m","time":"x"}', true)).toContain('\u001B[32mINFO \u001B[0m');
});
