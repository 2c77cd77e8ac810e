import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@federation-agent/base';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import { DataFolderInUseError, acquireFolderLock, folderHolder } from './folder-lock.ts';
import { processStateOf, isHeld, ownHolder, type LockHolder } from './lock-holder.ts';

const beatMs = 100;
let folder: string;
const ending: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  await rm(folder, { recursive: true, force: true });
});

interface Taking {
  readonly waitMs?: number;
  readonly beatMs?: number;
  readonly onLost?: () => void;
}
const telemetry = testTelemetry();
async function take({ waitMs = 0, onLost = () => undefined, ...more }: Taking = {}): Promise<
  () => Promise<void>
> {
  const { log } = telemetry;
  const release = await acquireFolderLock({
    folder,
    log,
    clock: systemClock,
    beatMs,
    waitMs,
    onLost,
    ...more,
  });
  ending.push(release);
  return release;
}

/** The lock's file: of the last hold, or of the first one. */
async function lockFile(): Promise<string> {
  const [last = 'agent.lock.1'] = (await readdir(folder)).toSorted().reverse();
  return join(folder, last);
}

/** A lock that somebody left or holds; its last beat was `ageMs` ago. */
async function left(holder: Partial<LockHolder>, ageMs = 0): Promise<void> {
  const path = await lockFile();
  await writeFile(path, JSON.stringify({ host: 'another', pid: 1, ...holder }));
  const at = new Date(Date.now() - ageMs);
  await utimes(path, at, at);
}

/** A process of this machine, until the end of the test. */
function living(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  ending.push(() => child.kill('SIGKILL'));
  return child;
}

describe('a lock is held', () => {
  const fresh = { fate: 'unknown', ageMs: 0, silentMs: 0 } as const;
  it.each([
    ['by one that beats', fresh, true],
    ['by a process that lives and beats', { ...fresh, fate: 'lives' }, true],
    ['not by a process that is gone', { ...fresh, fate: 'gone' }, false],
    ['not by one that has been silent for three beats', { ...fresh, silentMs: 300 }, false],
    ['not by a process that lives and does not beat', { ...fresh, fate: 'lives', silentMs: 300 }, false],
    ['by one whose clock is behind ours, as long as it beats', { ...fresh, ageMs: 30_000 }, true],
    ['not by one of two hours ago', { ...fresh, fate: 'lives', ageMs: 7_200_000 }, false],
  ] as const)('%s', (_who, evidence, held) => expect(isHeld(evidence, 100)).toBe(held));
});

describe('of the process that holds it is known', () => {
  it('that it lives', async () => expect(await processStateOf(await ownHolder(''))).toBe('lives'));
  it('that another has its id now', async () =>
    expect(await processStateOf({ ...(await ownHolder('')), startedAt: '1' })).toBe('gone'));
  it('nothing, on another system', async () =>
    expect(await processStateOf({ ...(await ownHolder('')), system: 'another' })).toBe('unknown'));
  it('that it is a zombie', async () => {
    // The shell becomes a program that does not wait for its child, which ends after that.
    const child = '(while grep -q sh /proc/$$/comm; do :; done) & echo $!';
    const parent = living('sh', '-c', `${child}; exec sleep 60`);
    const [said] = (await once(parent.stdout ?? parent, 'data')) as [Buffer];
    const pid = Number(said.toString());
    await eventually(async () => / Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8')));
    const { startedAt: _own, ...here } = await ownHolder('');
    expect(await processStateOf({ ...here, pid })).toBe('gone');
  });
});

it('a lock whose process id another program has is taken at once', async () => {
  const { pid = 0 } = living('sleep', '60');
  await left({ ...(await ownHolder('old')), pid, startedAt: '1' });
  await take();
});

it('a lock of two hours ago is taken at once, whoever it names', async () => {
  const { startedAt: _own, ...here } = await ownHolder('old');
  await left({ ...here, pid: living('sleep', '60').pid ?? 0 }, 7_200_000);
  await take();
});

it('a lock that was begun and not written is taken when nobody beats', async () => {
  await writeFile(await lockFile(), '');
  await expect(take()).rejects.toThrow(DataFolderInUseError);
  await take({ waitMs: 10_000 });
});

it('one that beats is waited for; then the error names it', async () => {
  await take();
  await expect(take({ waitMs: 1_000 })).rejects.toThrow(`in use by process ${process.pid}`);
});

it('one that ends meanwhile makes room', async () => {
  const release = await take();
  const second = take({ waitMs: 20_000 });
  await release();
  await second;
});

it('a holder of another host that fell silent makes room after three beats', async () => {
  await left({});
  expect(await folderHolder(folder, beatMs)).toBe('process 1 on another');
  const began = Date.now();
  await take({ waitMs: 20_000 });
  expect(Date.now() - began).toBeGreaterThanOrEqual(3 * beatMs);
});

it('a holder that finds another in its place says so and leaves it alone', async () => {
  let lost = 0;
  const release = await take({ onLost: () => (lost += 1) });
  await left({ token: 'another' });
  await eventually(() => lost === 1);
  await release();
  expect(await folderHolder(folder, beatMs)).toBe('process 1 on another');
});

it('of many that find a stale lock, one has it', async () => {
  for (let round = 0; round < 20; round += 1) {
    await left({}, 7_200_000);
    const tried = await Promise.allSettled(Array.from({ length: 8 }, () => take()));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(ending.splice(0).map((end) => end()));
  }
});

it('of many that find a released lock, one has it, and no file is left of earlier holds', async () => {
  for (let round = 1; round <= 20; round += 1) {
    const tried = await Promise.allSettled(Array.from({ length: 8 }, () => take()));
    const held = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(held).toHaveLength(1);
    expect(await readdir(folder)).toEqual([`agent.lock.${round}`]);
    await held[0]?.();
  }
});

it('one that looked long ago creates no number that is over', async () => {
  for (let round = 1; round <= 3; round += 1) await (await take())();
  const release = await take();
  expect(await readdir(folder)).toEqual(['agent.lock.4']);
  await writeFile(join(folder, 'agent.lock.2'), ''); // By a process that saw number 1, stale.
  await expect(take()).rejects.toThrow(DataFolderInUseError);
  await release();
  await take();
  expect(await readdir(folder)).toEqual(['agent.lock.5']);
});
