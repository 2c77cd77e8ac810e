import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { probeApimController, probeMoto, requireOrSkip } from './tool-probe.ts';

let bin: string;

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'tool-probe-'));
});

afterEach(() => {
  rmSync(bin, { recursive: true });
});

/** A program that prints and ends so; PATH has only such programs. */
function tool(path: string, prints: string, status = 0): void {
  const file = join(bin, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${prints}' >&2\nexit ${status}\n`);
  chmodSync(file, 0o755);
}
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ PATH: bin, ...more });
const apim = (more?: NodeJS.ProcessEnv) => probeApimController({ env: env(more), platform: 'linux' });
const moto = (more?: NodeJS.ProcessEnv) => probeMoto({ env: env(more), platform: 'linux' });

describe('probe of what the real controller needs', () => {
  test('says which one is missing, one after the other', () => {
    expect(apim()).toEqual({ available: false, reason: 'JDK 17 or newer is missing (no javac)' });
    tool('javac', 'javac 21.0.2');
    expect(apim()).toEqual({ available: false, reason: 'JDK 17 or newer is missing (no java)' });
    tool('java', 'openjdk version "11.0.2" 2019-01-15');
    expect(apim()).toMatchObject({ available: false, reason: expect.stringContaining('java 11') });
    tool('java', 'openjdk version "21.0.2" 2024-01-16');
    expect(apim()).toEqual({ available: false, reason: 'Maven is missing (no mvn)' });
    tool('mvn', 'Apache Maven 3.9.6 (bc0240f)');
    expect(apim()).toEqual({ available: true, version: 'JDK 21.0.2, Maven 3.9.6' });
  });

  test('takes JAVA_HOME before PATH, and a program that fails for none', () => {
    tool('mvn', 'Apache Maven 3.9.6 (bc0240f)');
    tool('java', 'openjdk version "21.0.2" 2024-01-16');
    tool('javac', 'javac 21.0.2', 1);
    expect(apim()).toMatchObject({ available: false, reason: expect.stringContaining('no javac') });
    tool('home/bin/javac', 'javac 17.0.1');
    tool('home/bin/java', 'openjdk version "17.0.1" 2021-10-19');
    expect(apim({ JAVA_HOME: join(bin, 'home') })).toMatchObject({ available: true });
  });
});

describe('probe of what moto needs', () => {
  test('wants Python 3.10 with venv', () => {
    expect(moto()).toEqual({ available: false, reason: 'Python 3.10 or newer is missing (no python3)' });
    tool('python3', 'Python 3.9.18');
    expect(moto()).toMatchObject({ available: false, reason: expect.stringContaining('3.9.18') });
    tool('python3', 'Python 3.12.1');
    expect(moto()).toMatchObject({ available: false, reason: expect.stringContaining('venv') });
    tool('other', 'Python 3.10.0 both');
    expect(moto({ PYTHON: join(bin, 'other') })).toMatchObject({ available: true });
  });
});

test('both want a POSIX shell', () => {
  const windows = { available: false, reason: 'a POSIX shell is missing' };
  expect(probeApimController({ platform: 'win32' })).toEqual(windows);
  expect(probeMoto({ platform: 'win32' })).toEqual(windows);
});

describe('requireOrSkip', () => {
  test('is describe where the tool is there, and describe.skip with one line where it is not', () => {
    expect(requireOrSkip('a tool', { available: true, version: '1' })).toBe(describe);
    const ci = process.env['CI'];
    delete process.env['CI'];
    try {
      expect(requireOrSkip('a tool', { available: false, reason: 'only to see this line' })).toBe(
        describe.skip,
      );
      process.env['CI'] = 'true';
      expect(requireOrSkip('a tool', { available: false, reason: 'gone' })).not.toBe(describe.skip);
    } finally {
      if (ci === undefined) delete process.env['CI'];
      else process.env['CI'] = ci;
    }
  });
});
