/** What is compared: the official Java connector with canned answers, and this agent, at the same real controller. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectAwsControl, SANDBOX_AGENT, type RemoteAwsControl } from '@federation-agent/sandbox';
import { z } from 'zod';
import { environmentOf, type IntegrationSettings } from '../../support/agent.ts';
import { startAgentProcess } from '../../support/agent-process.ts';
import { startApimController, type ApimController } from '../../support/apim-controller.ts';
import { startReadyChild, type ReadyChild } from '../../support/ready-child.ts';

export const integration = 'bench-integration';
const token = 'secret-of-the-arena';
const region = 'eu-west-1';
const lookMs = 10;
const giveUpMs = 60_000;
const program = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const connector = program('tests/interop/apim-controller/run.sh');

/** One of those that are compared, running. */
export interface Contestant {
  /** The processes whose trees it is made of. */
  readonly pids: readonly number[];
  /** From the start of its process until APIM had its channel, ms. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** The peers of both: they stay while contestants come and go. */
export interface Arena {
  readonly apim: ApimController;
  readonly aws: RemoteAwsControl;
  readonly awsUrl: string;
  readonly java: () => Promise<Contestant>;
  /** The agent's bundle with an embedded broker. */
  readonly agent: (env?: Readonly<Record<string, string>>) => Promise<Contestant>;
  stop(): Promise<void>;
}

export interface ArenaOptions {
  readonly integrations?: readonly IntegrationSettings[];
  readonly apis?: number;
}

export async function openArena({
  integrations = [{ id: integration, region }],
  apis = 10,
}: ArenaOptions = {}): Promise<Arena> {
  const apim = await startApimController({
    token,
    integrations: Object.fromEntries(integrations.map(({ id }) => [id, 'aws-api-gateway'])),
  });
  const awsProcess: ReadyChild<{ url: string }> = await startReadyChild({
    command: process.execPath,
    args: [program('sandbox/src/aws/main.ts'), '--throttle-scale', '0'],
    ready: z.object({ url: z.string() }),
  });
  const aws = connectAwsControl(awsProcess.ready.url);
  await aws.seed({ region, apis, plans: 2, unplanned: 0 });

  /** Waits until APIM has the channel of a process that began at this time. */
  const connected = async (began: number, pid: number, stop: () => Promise<void>): Promise<Contestant> => {
    for (;;) {
      const channels = await apim.channels(integration);
      if (channels.some(({ active }) => active)) break;
      if (performance.now() - began > giveUpMs) throw new Error('no channel within a minute');
      await pause(lookMs);
    }
    return { pids: [pid], startMs: performance.now() - began, stop };
  };
  /** The next contestant would not be alone while APIM still has the channel of the last. */
  const gone = async (): Promise<void> => {
    while ((await apim.channels(integration)).some(({ active }) => active)) await pause(lookMs);
  };

  return {
    apim,
    aws,
    awsUrl: awsProcess.ready.url,
    java: async () => {
      const began = performance.now();
      const args = ['--endpoint', apim.endpoint, '--token', token, '--integration', integration];
      const child = spawn(connector, ['connector', ...args, '--apis', String(apis)], { stdio: 'ignore' });
      return connected(began, child.pid ?? 0, async () => {
        child.kill('SIGTERM');
        await once(child, 'exit');
        await gone();
      });
    },
    agent: async (env = {}) => {
      const folder = mkdtempSync(join(tmpdir(), 'bench-'));
      const variables = environmentOf({
        apim: { endpoint: apim.endpoint, token },
        aws: { url: awsProcess.ready.url, ...SANDBOX_AGENT },
        integrations,
        timeScale: 1,
        env: { gravitee_federation_dataDir: join(folder, 'data'), ...natsServer(), ...env },
      });
      const began = performance.now();
      const started = startAgentProcess({ program: 'standalone', cwd: folder, env: variables });
      return connected(began, started.pid, async () => {
        await started.end('SIGTERM');
        rmSync(folder, { recursive: true, force: true });
        await gone();
      });
    },
    stop: async () => {
      await Promise.all([apim.stop(), awsProcess.stop()]);
    },
  };
}

function natsServer(): Record<string, string> {
  const binary = process.env['NATS_SERVER_BIN'];
  return binary === undefined ? {} : { NATS_SERVER_BIN: binary };
}
