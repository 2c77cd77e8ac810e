import { expect, it } from '@jest/globals';
import { brokerMemoryLimit } from './broker-memory.ts';

const mebibyte = 1024 * 1024;
const machine = 16 * 1024 * mebibyte;

it('is a fifth of the container', () => {
  expect(brokerMemoryLimit(512 * mebibyte, machine)).toBe(`${Math.round(102.4 * mebibyte)}B`);
});

it('leaves the broker enough to work in the smallest container', () => {
  expect(brokerMemoryLimit(128 * mebibyte, machine)).toBe(`${48 * mebibyte}B`);
});

it.each([0, machine, 2 ** 64])('is none where nothing holds the process: %p bytes', (constrained) => {
  expect(brokerMemoryLimit(constrained, machine)).toBeUndefined();
});
