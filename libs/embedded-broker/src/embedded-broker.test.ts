import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { type Clock, systemClock } from '@federation-agent/base';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import { findNatsServer, NatsServerMissingError } from '@federation-agent/broker';
import { openDataFolder } from './data-folder.ts';
import { EmbeddedBrokerError, startEmbeddedBroker } from './embedded-broker.ts';
import { loadOrCreateSealingKey } from './sealing-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standalone-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const { log } = testTelemetry();

describe('the embedded broker', () => {
  const start = async (): ReturnType<typeof startEmbeddedBroker> =>
    startEmbeddedBroker({
      binary: findNatsServer(process.env, process.cwd()),
      dataFolder: folder,
      log,
      clock: systemClock,
    });

  it('takes its token only, and keeps no secret in its files', async () => {
    const broker = await start();
    try {
      await expect(connect({ servers: broker.url, reconnect: false })).rejects.toThrow();
      const connection = await connect({ servers: broker.url, token: broker.token });
      expect(connection.info?.jetstream).toBe(true);
      await connection.close();
      for (const file of await readdir(folder, { withFileTypes: true })) {
        if (file.isFile())
          expect(await readFile(join(folder, file.name), 'utf8')).not.toContain(broker.token);
      }
    } finally {
      await broker.stop();
    }
  });

  it.each(['1st-token', '-token', '_token', '12'])('its token may be %s', async (token) => {
    const binary = findNatsServer(process.env, process.cwd());
    const broker = await startEmbeddedBroker({ binary, dataFolder: folder, log, clock: systemClock, token });
    const connection = await connect({ servers: broker.url, token });
    await connection.close();
    await broker.stop();
  });

  it('comes back on the same port when it is killed', async () => {
    const broker = await start();
    try {
      const connection = await connect({
        servers: broker.url,
        token: broker.token,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 50,
      });
      const back = (async () => {
        for await (const { type } of connection.status()) if (type === 'reconnect') return type;
        return undefined;
      })();
      process.kill(Number(await readFile(join(folder, 'nats-server.pid'), 'utf8')), 'SIGKILL');
      expect(await back).toBe('reconnect');
      await connection.close();
    } finally {
      await broker.stop();
    }
  });

  it('is started again 250 ms after each time that it ended, until the agent stops', async () => {
    const telemetry = testTelemetry();
    const pauses: number[] = [];
    const clock: Clock = {
      ...systemClock,
      sleep: (ms, signal) => {
        pauses.push(ms);
        return systemClock.sleep(ms, signal);
      },
    };
    const binary = findNatsServer(process.env, process.cwd());
    const broker = await startEmbeddedBroker({ binary, dataFolder: folder, log: telemetry.log, clock });
    const before = pauses.length;
    let pid = 0;
    const started = async (): Promise<boolean> => {
      const found = Number(await readFile(join(folder, 'nats-server.pid'), 'utf8').catch(() => ''));
      return found > 0 && found !== pid;
    };
    for (let killed = 1; killed <= 3; killed += 1) {
      await eventually(started, 10_000);
      pid = Number(await readFile(join(folder, 'nats-server.pid'), 'utf8'));
      process.kill(pid, 'SIGKILL');
      await eventually(() => pauses.length === before + killed, 10_000);
    }
    await eventually(started, 10_000);
    await broker.stop();
    const starts = telemetry.lines().filter(({ msg }) => String(msg).includes('started again'));
    expect(starts).toHaveLength(3);
    expect(pauses.slice(before)).toEqual([250, 250, 250]);
  });

  it('its end is logged with its last words', async () => {
    const telemetry = testTelemetry();
    const broker = await startEmbeddedBroker({
      binary: findNatsServer(process.env, process.cwd()),
      dataFolder: folder,
      log: telemetry.log,
      clock: systemClock,
    });
    process.kill(Number(await readFile(join(folder, 'nats-server.pid'), 'utf8')), 'SIGTERM');
    await eventually(() => telemetry.lines().some(({ msg }) => String(msg).includes('started again')), 5_000);
    await broker.stop();
    expect(telemetry.lines().find(({ msg }) => String(msg).includes('started again'))).toMatchObject({
      said: expect.stringContaining('Server Exiting'),
    });
  });

  it('ends one that outlived its agent before it starts its own', async () => {
    const first = await start();
    await first.stop();
    const orphan = spawn(
      findNatsServer(process.env, process.cwd()),
      ['-c', join(folder, 'nats-server.conf')],
      {
        env: { FEDERATION_BROKER_TOKEN: 'old' },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    await once(orphan.stderr, 'data');
    const ended = once(orphan, 'exit');
    const broker = await start();
    await ended;
    const connection = await connect({ servers: broker.url, token: broker.token });
    await connection.close();
    await broker.stop();
  });

  it('says why it did not start', async () => {
    await writeFile(join(folder, 'jetstream'), 'not a folder');
    await expect(start()).rejects.toMatchObject({ code: expect.stringMatching(/EEXIST|ENOTDIR/u) });
    await expect(
      startEmbeddedBroker({
        binary: '/bin/false',
        dataFolder: join(folder, 'other'),
        log,
        clock: systemClock,
      }),
    ).rejects.toThrow(EmbeddedBrokerError);
  });
});

describe('the data folder', () => {
  it('that cannot be written is an error when it was named, else a temporary one that is said', async () => {
    const path = join(folder, 'file', 'data');
    await writeFile(join(folder, 'file'), '');
    await expect(openDataFolder({ path, explicit: true, log, clock: systemClock })).rejects.toThrow(
      'cannot be written',
    );
    const data = await openDataFolder({ path, explicit: false, log, clock: systemClock });
    expect(data.ephemeral).toContain('cannot be written');
    await data.release();
    await rm(data.path, { recursive: true });
  });

  it('keeps the sealing key it made', async () => {
    const key = await loadOrCreateSealingKey(folder);
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    expect(await loadOrCreateSealingKey(folder)).toBe(key);
  });
});

it('no nats-server, or an old one, is said with what to do', async () => {
  const old = join(folder, 'nats-server');
  await writeFile(old, '#!/bin/sh\necho nats-server: v2.9.10\n', { mode: 0o755 });
  const find = (binary: string) => (): string => findNatsServer({ NATS_SERVER_BIN: binary }, folder);
  expect(find(old)).toThrow(NatsServerMissingError);
  expect(find(old)).toThrow('2.9.10: too old');
  expect(find(join(folder, 'none'))).toThrow('NATS_SERVER_BIN names, cannot be run');
});
