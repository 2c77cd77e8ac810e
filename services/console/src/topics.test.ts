import { expect, jest, test } from '@jest/globals';
import type { Changed } from './api/index.ts';
import { createTopics } from './topics.ts';

test('many changes are one message with each topic once; without listeners nothing is kept', () => {
  jest.useFakeTimers();
  const topics = createTopics({ now: () => 9 });
  topics.changed('dead');
  const heard: Changed[] = [];
  const stop = topics.listen((changed) => heard.push(changed));
  for (const topic of ['estate', 'scans', 'estate'] as const) topics.changed(topic);
  jest.advanceTimersByTime(250);
  expect(heard).toEqual([{ at: 9, topics: ['estate', 'scans'] }]);
  stop();
  topics.changed('estate');
  jest.advanceTimersByTime(1_000);
  expect(heard).toHaveLength(1);
  jest.useRealTimers();
});
