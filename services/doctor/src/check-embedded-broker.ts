/**
 * Checks the embedded broker. A second broker on the same store would damage it, so none is started while an agent
 * runs. Otherwise one is started on an empty temporary folder, and the data folder is only read.
 */
import { constants } from 'node:fs';
import { access, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { BrokerConfig, Limits } from '@federation-agent/contracts';
import { describeError, systemClock, type Telemetry } from '@federation-agent/base';
import { findNatsServer } from '@federation-agent/broker';
import {
  defaultDataDir,
  ephemeralFolderReason,
  startEmbeddedBroker,
} from '@federation-agent/embedded-broker';
import { checkBroker } from './check-broker.ts';
import type { CheckResult } from './result.ts';
import type { RunningAgent } from './running-agent.ts';

export interface EmbeddedCheckOptions {
  readonly config: BrokerConfig;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `.tools` is. */
  readonly checkout: string;
  readonly agent: RunningAgent;
  readonly limits: Limits;
  readonly telemetry: Telemetry;
}

const subject = 'embedded';

export async function* checkEmbeddedBroker(options: EmbeddedCheckOptions): AsyncGenerator<CheckResult> {
  const { config, dataDir, env, checkout, agent, limits, telemetry } = options;
  if (agent.running) {
    const why = 'it belongs to the running agent: no other broker is started on its store';
    for (const check of ['broker', 'jetstream', 'broker permissions', 'clock'] as const)
      yield { check, subject, status: 'skipped', detail: why };
    return;
  }
  yield await folderResult(dataDir);
  const folder = await mkdtemp(join(tmpdir(), 'federation-doctor-'));
  try {
    const binary = findNatsServer(env, checkout);
    const broker = await startEmbeddedBroker({
      binary,
      dataFolder: folder,
      log: telemetry.log,
      clock: systemClock,
    });
    try {
      for await (const result of checkBroker({
        config: { ...config, url: broker.url, token: broker.token },
        limits,
        shown: subject,
      })) {
        // Its clock is this host's, so that result is left out.
        if (result.check !== 'clock') yield result;
      }
    } finally {
      await broker.stop();
    }
  } catch (error) {
    yield {
      check: 'broker',
      subject,
      status: 'failed',
      detail: describeError(error),
      fix: 'put a nats-server 2.10 or newer on PATH, or set federation.broker.url (NATS_URL) to a broker of your own',
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function folderResult(dataDir: string): Promise<CheckResult> {
  const folder = resolve(dataDir);
  const found = (status: CheckResult['status'], detail: string, fix?: string): CheckResult => ({
    check: 'broker',
    subject: 'data folder',
    status,
    detail,
    ...(fix !== undefined && { fix }),
  });
  const there = await nearest(folder);
  const writable = await access(there, constants.W_OK).then(
    async () => (await stat(there)).isDirectory(),
    () => false,
  );
  const forgets = 'with its container the agent forgets its subscriptions';
  const mount = `mount a volume at ${folder}`;
  if (!writable)
    return dataDir === defaultDataDir
      ? found('note', `${folder} cannot be written: ${forgets}`, `${mount}, or set federation.dataDir`)
      : found('failed', `${folder} cannot be written`, `${mount}, or correct federation.dataDir`);
  const why = await ephemeralFolderReason(there);
  return why === undefined
    ? found('ok', there === folder ? `${folder} can be written` : `${folder} can be made`)
    : found('note', `${folder} is not on a volume: ${forgets}`, mount);
}

/** The folder, or its nearest parent that exists. */
async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  return there || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
