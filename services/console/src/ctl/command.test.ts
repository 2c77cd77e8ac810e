/** The command line without a console: what is understood, what help says, and how a console that is away is told. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { commands } from './commands/index.ts';
import { help, helpOf } from './help.ts';

/** The bundle when there is one: a start from the sources takes seconds on a busy machine. */
const { FEDERATION_TEST_BUNDLES: bundles, NODE_COMPILE_CACHE } = process.env;
const script = bundles ? join(bundles, 'console.mjs') : fileURLToPath(new URL('../main.ts', import.meta.url));
const ctl = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script, 'ctl', ...args],
      { env: { NODE_COMPILE_CACHE } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

test('help lists every command, and every command has a help of its own', () => {
  for (const { name } of commands) expect(help()).toContain(`  ${name}`);
  for (const command of commands) {
    const text = helpOf(command);
    for (const option of command.options) expect(text).toContain(`--${option}`);
  }
});

test('names of commands are unique, so that each is reached', () => {
  const names = commands.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

test('what is not understood: exit code 2, and what to do', async () => {
  const wrong = [
    ['no-such'],
    ['status', '--follow'],
    ['status', '--no-such'],
    ['why'],
    ['subscriptions', 'show'],
  ];
  const [unknown, foreign, ...others] = await Promise.all(wrong.map((args) => ctl(...args)));
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('--help') });
  expect(foreign).toMatchObject({ code: 2, err: expect.stringContaining('status takes no --follow') });
  expect(others.map(({ code }) => code)).toEqual([2, 2, 2]);
});

test('a console that does not answer: exit code 3', async () => {
  const { code, err } = await ctl('status', '--url', 'http://127.0.0.1:1');
  expect([code, err]).toEqual([3, expect.stringContaining('--url says where the console is')]);
});

test('completion is a script with the commands', async () => {
  const { code, out } = await ctl('completion', 'bash');
  expect(code).toBe(0);
  expect(out).toMatch(/subscriptions\) words="list show keep revoke resolve reconcile"/u);
});
