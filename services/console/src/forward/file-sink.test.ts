/** The file: whole lines only, readable by its owner, and a small number of old ones. */
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fileSink } from './file-sink.ts';
import type { Sink } from './sink.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forward-'));
  path = join(folder, 'log', 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (sink: Sink, number: number): Promise<void> =>
  sink.write(
    { sequence: number, at: 0, name: 'x', failed: false, body: { number } },
    new AbortController().signal,
  );
const numbersIn = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { number: number }).number);

test('lines are appended, and only the owner may read them', async () => {
  const sink = fileSink({ path, maxBytes: 1_000, keep: 1 });
  for (const number of [1, 2, 3]) await write(sink, number);
  await sink.close();
  expect(numbersIn(path)).toEqual([1, 2, 3]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what a crash left of a line is cut off, in a file that was open to others too', async () => {
  const first = fileSink({ path, maxBytes: 1_000, keep: 1 });
  await write(first, 1);
  await first.close();
  appendFileSync(path, '{"number":2');
  const second = fileSink({ path, maxBytes: 1_000, keep: 1 });
  await write(second, 2);
  await second.close();
  expect(numbersIn(path)).toEqual([1, 2]);

  writeFileSync(path, 'never a line, and longer than the next one');
  chmodSync(path, 0o644);
  const third = fileSink({ path, maxBytes: 1_000, keep: 1 });
  await write(third, 3);
  await third.close();
  expect([numbersIn(path), statSync(path).mode & 0o777]).toEqual([[3], 0o600]);
});

test('a file of its size is renamed; the oldest goes', async () => {
  const bytes = '{"number":1}\n'.length;
  const sink = fileSink({ path, maxBytes: 2 * bytes, keep: 2 });
  for (let number = 1; number <= 9; number += 1) await write(sink, number);
  await sink.close();
  expect(readdirSync(join(folder, 'log')).sort()).toEqual([
    'events.jsonl',
    'events.jsonl.1',
    'events.jsonl.2',
  ]);
  expect([`${path}.2`, `${path}.1`, path].flatMap(numbersIn)).toEqual([5, 6, 7, 8, 9]);
});

test('without old files the file begins anew', async () => {
  const sink = fileSink({ path, maxBytes: 1, keep: 0 });
  for (const number of [1, 2]) await write(sink, number);
  await sink.close();
  expect([readdirSync(join(folder, 'log')), numbersIn(path)]).toEqual([['events.jsonl'], [2]]);
});
