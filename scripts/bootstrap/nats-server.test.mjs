import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { choose, ensureNatsServer, serves } from './nats-server.mjs';

const old = { path: '/usr/sbin/nats-server', version: '2.9.10' };
const good = { path: '/usr/local/bin/nats-server', version: '2.11.4' };
const broken = { path: '/opt/nats-server', version: '' };

describe('which nats-server serves', () => {
  test('2.10 and newer', () => {
    expect(serves('2.10.0')).toBe(true);
    expect(serves('2.9.99')).toBe(false);
    expect(serves('')).toBe(false);
  });
  test('with a version wanted: only that one', () => {
    expect(serves('2.10.26', '2.10.26')).toBe(true);
    expect(serves('2.14.6', '2.10.26')).toBe(false);
  });
  test('an older and a broken one are skipped, one line each', () => {
    /** @type {string[]} */
    const lines = [];
    expect(choose([old, broken, good], undefined, (line) => lines.push(line))).toBe(good);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('nats-server 2.9.10 at /usr/sbin/nats-server is skipped');
  });
  test('none', () => expect(choose([old], undefined, () => undefined)).toBeUndefined());
});

describe('finding one', () => {
  /** @type {string} */
  let folder;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nats-server-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** @param {string} version */
  const server = async (version) => {
    await writeFile(join(folder, 'nats-server'), `#!/bin/sh\necho "nats-server: v${version}"\n`);
    await chmod(join(folder, 'nats-server'), 0o755);
    return join(folder, 'nats-server');
  };

  test('on PATH', async () => {
    const path = await server('2.12.1');
    expect(await ensureNatsServer({ root: folder, env: { PATH: folder } })).toBe(path);
  });

  test('NATS_SERVER_BIN goes before PATH', async () => {
    const path = await server('2.12.1');
    expect(await ensureNatsServer({ root: folder, env: { PATH: '', NATS_SERVER_BIN: path } })).toBe(path);
  });

  test('NATS_SERVER_BIN that is too old is an error, not passed over', async () => {
    const path = await server('2.9.10');
    await expect(
      ensureNatsServer({ root: folder, env: { PATH: '', NATS_SERVER_BIN: path } }),
    ).rejects.toThrow(/NATS_SERVER_BIN is .* version 2\.9\.10: 2\.10 is the oldest supported version/);
  });
});
