import { describe, expect, test } from '@jest/globals';
import { AgentConfig } from './config.ts';
import { readInterval, readSchedule } from './schedule.ts';

describe('the key schedule', () => {
  test.each([
    ['off', { kind: 'off' }],
    [' OFF ', { kind: 'off' }],
    ['15m', { kind: 'interval', ms: 900_000 }],
    ['10s', { kind: 'interval', ms: 10_000 }],
    ['2 h', { kind: 'interval', ms: 7_200_000 }],
    ['*/30 * * * *', { kind: 'cron' }],
    ['0 0 3 * * MON', { kind: 'cron' }],
    ['@daily', { kind: 'cron' }],
  ])('%s', (text, read) => expect(readSchedule(text)).toMatchObject(read));

  test('a cron expression comes again and again', () => {
    const read = readSchedule('*/20 * * * * *');
    if (read?.kind !== 'cron') throw new Error('no cron expression');
    expect([read.next(0), read.next(20_000)]).toEqual([20_000, 40_000]);
  });

  test.each([
    '',
    'soon',
    '9s',
    '367d',
    '0m',
    '15',
    '15 minutes',
    '15min',
    '* * *',
    '99 * * * *',
    '0 0 30 2 *',
    '2026-01-01T00:00:00',
    '@never',
  ])('%j is none', (text) => expect(readSchedule(text)).toBeUndefined());
});

describe('the key stagesAtLeast', () => {
  const read = (stagesAtLeast?: string) => {
    const configuration = stagesAtLeast === undefined ? {} : { stagesAtLeast };
    const provider = { type: 'aws-api-gateway', integrationId: 'i', configuration };
    return AgentConfig.safeParse({ integration: { providers: [provider] } });
  };

  test('is half a day, and no more', () => {
    expect(read().data?.integration.providers[0]?.configuration.stagesAtLeast).toBe('12h');
    expect(readInterval(' 12 H ')).toBe(43_200_000);
    expect(['10s', '15m', '12h'].map((text) => read(text).success)).toEqual([true, true, true]);
  });

  test.each(['13h', '1d', 'off', '*/5 * * * *', '5s', ''])('cannot be %j', (text) =>
    expect(read(text).success).toBe(false),
  );
});
