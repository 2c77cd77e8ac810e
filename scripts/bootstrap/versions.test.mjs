import { describe, expect, test } from '@jest/globals';
import { atLeast, parseVersion } from './versions.mjs';

describe('parseVersion', () => {
  test.each([
    ['v24.21.0', [24, 21, 0]],
    ['nats-server: v2.14.6', [2, 14, 6]],
    ['2.10.27-1+b1', [2, 10, 27]],
    ['1:2.9.10-1', [2, 9, 10]],
    ['javac 17.0.15', [17, 0, 15]],
    ['2.11.0-RC.2', [2, 11, 0]],
    ['(none)', []],
    ['', []],
  ])('%s', (text, numbers) => expect(parseVersion(text)).toEqual(numbers));
});

describe('atLeast', () => {
  test.each([
    ['2.10.0', '2.10'],
    ['2.10', '2.10.0'],
    ['2.14.6', '2.10'],
    ['3.0.0', '2.10'],
    ['v24.0.0', '24.0'],
  ])('%s is at least %s', (text, minimum) => expect(atLeast(text, minimum)).toBe(true));

  test.each([
    ['2.9.10', '2.10'],
    ['1.99.0', '2.10'],
    ['v20.20.2', '24.0'],
    ['not a version', '0.0'],
  ])('%s is not at least %s', (text, minimum) => expect(atLeast(text, minimum)).toBe(false));
});
