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
import { environmentOf, type AgentOptions } from '../../support/agent.ts';
import { startAgentProcess, type AgentProcess } from '../../support/agent-process.ts';
import { startApimController, type ApimController } from '../../support/apim-controller.ts';
import { eventually } from '../../support/eventually.ts';
import { startReadyChild, type ReadyChild } from '../../support/ready-child.ts';
import { seedEstate, type Estate } from './estate.ts';

/** The integration of each side; they are the same unless both are to be connected at once. */
const alone = { java: 'arena', agent: 'arena' };
const together = { java: 'arena-java', agent: 'arena-agent' };
const token = 'secret-of-the-arena';
const region = 'eu-west-1';
const lookMs = 10;
const giveUpMs = 60_000;
const scanGiveUpMs = 300_000;
const program = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const connector = program('tests/interop/apim-controller/run.sh');

type Side = keyof typeof alone;

/** One of those that are compared, running. */
export interface Contestant {
  /** The processes whose trees it is made of. */
  readonly pids: readonly number[];
  /** From the start of its process until APIM had its channel, ms. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** The agent, running. */
export type AgentContestant = Contestant & Pick<AgentProcess, 'log'>;

/** The peers of both: they stay while contestants come and go. */
export interface Arena {
  readonly apim: ApimController;
  /** What APIM wants of a connector. */
  readonly token: string;
  readonly aws: RemoteAwsControl;
  readonly integrations: typeof alone;
  readonly java: () => Promise<Contestant>;
  /** The agent's bundle, with an embedded broker unless the variables name another. */
  readonly agent: (env?: Readonly<Record<string, string>>) => Promise<AgentContestant>;
  stop(): Promise<void>;
}

export interface ArenaOptions {
  /** REST APIs of one stage. */
  readonly apis?: number;
  /** Both sides are connected at once, and each has ingested its APIs. */
  readonly both?: boolean;
  /** In place of those APIs. Then whoever plays the Java connector's part has an integration of its own. */
  readonly estate?: Estate;
  /** The sandbox AWS refuses what AWS would refuse, 10 calls a second; otherwise it takes all. */
  readonly throttled?: boolean;
}

export async function openArena(options: ArenaOptions = {}): Promise<Arena> {
  const { apis = 10, both = false, estate, throttled = false } = options;
  const integrations = both || estate ? together : alone;
  const {
    apim,
    aws,
    awsUrl,
    stop: stopPeers,
  } = await startPeers({
    integrations: Object.values(integrations),
    token,
    throttled,
  });
  const roles = estate && (await seedEstate(aws, estate));
  if (!estate) await aws.seed({ region, apis, plans: 2, unplanned: 0 });
  const targets =
    estate && roles ? { region: estate.regions.join(','), more: { roleArn: roles.join(',') } } : { region };

  const isConnected = async (who: Side): Promise<boolean> =>
    (await apim.channels(integrations[who])).some(({ active }) => active);
  /** Waits until APIM has the channel of a process that began at this time. */
  const connected = async (
    who: Side,
    began: number,
    pid: number,
    end: () => Promise<unknown>,
  ): Promise<Contestant> => {
    while (!(await isConnected(who))) {
      if (performance.now() - began > giveUpMs) throw new Error('no channel within a minute');
      await pause(lookMs);
    }
    const startMs = performance.now() - began;
    if (both) await ingestAll(apim, integrations[who]);
    const stop = async (): Promise<void> => {
      await end();
      // The next one would not be alone while APIM still has the channel of this one.
      while (await isConnected(who)) await pause(lookMs);
    };
    return { pids: [pid], startMs, stop };
  };

  return {
    apim,
    token,
    aws,
    integrations,
    java: () => {
      const began = performance.now();
      const { endpoint } = apim;
      const { pid, end } = spawnConnector({ endpoint, token, integration: integrations.java, apis });
      return connected('java', began, pid, end);
    },
    agent: async (env = {}) => {
      const began = performance.now();
      const { pid, end, log } = spawnStandalone({
        apim: { endpoint: apim.endpoint, token },
        aws: { url: awsUrl, ...SANDBOX_AGENT },
        integrations: [{ id: integrations.agent, ...targets }],
        timeScale: 1,
        // As it is by default, on a free port.
        env: { gravitee_federation_console_enabled: 'true', gravitee_federation_console_port: '0', ...env },
      });
      return { ...(await connected('agent', began, pid, end)), log };
    },
    stop: stopPeers,
  };
}

/** The real controller, and a sandbox AWS that takes calls at once or as AWS does. */
export async function startPeers(options: {
  readonly integrations: readonly string[];
  readonly token: string;
  readonly throttled: boolean;
}) {
  const apim = await startApimController({
    token: options.token,
    integrations: Object.fromEntries(options.integrations.map((id) => [id, 'aws-api-gateway'])),
  });
  const awsProcess: ReadyChild<{ url: string }> = await startReadyChild({
    command: process.execPath,
    args: [program('sandbox/src/aws/main.ts'), '--throttle-scale', options.throttled ? '1' : '0'],
    ready: z.object({ url: z.string() }),
  });
  return {
    apim,
    aws: connectAwsControl(awsProcess.ready.url),
    awsUrl: awsProcess.ready.url,
    stop: async (): Promise<void> => {
      await Promise.all([apim.stop(), awsProcess.stop()]);
    },
  };
}

const Scan = z.object({ exports: z.number() });

/** The scans of an account and region that the agent has completed, with how many documents each has exported. */
export function scansOf({ log }: AgentContestant): z.infer<typeof Scan>[] {
  return log()
    .filter(({ msg }) => msg === 'scan completed')
    .map((line) => Scan.parse(line));
}

/** Waits until the agent has read and exported all of so many accounts and regions. */
export async function untilScanned(agent: AgentContestant, targets: number): Promise<void> {
  await eventually(`${targets} scans`, () => scansOf(agent).length >= targets || undefined, {
    timeoutMs: scanGiveUpMs,
    lastSeen: () => agent.log().slice(-3),
  });
}

/** A process that was started a moment ago. */
interface Spawned {
  readonly pid: number;
  readonly end: () => Promise<unknown>;
}

/** The official Java connector with canned answers. */
export function spawnConnector(options: {
  readonly endpoint: string;
  readonly token: string;
  readonly integration: string;
  readonly apis: number;
}): Spawned {
  const named = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(connector, ['connector', ...named], { stdio: 'ignore' });
  return {
    pid: child.pid ?? 0,
    end: () => {
      child.kill('SIGTERM');
      return once(child, 'exit');
    },
  };
}

/** The agent's bundle in a folder of its own, with an embedded broker unless the variables name another. */
export function spawnStandalone({
  env,
  ...options
}: Omit<AgentOptions, 'broker'>): Spawned & Pick<AgentProcess, 'log'> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const variables = environmentOf({
    ...options,
    env: { gravitee_federation_dataDir: join(folder, 'data'), ...natsServer(), ...env },
  });
  const started = startAgentProcess({ program: 'standalone', cwd: folder, env: variables });
  return {
    pid: started.pid,
    log: () => started.log(),
    end: async () => {
      await started.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** APIM subscribes to what it has ingested. */
export async function ingestAll(apim: ApimController, integration: string): Promise<void> {
  await eventually('an ingest', async () => {
    const { jobId } = await apim.ingest(integration);
    const job = jobId && (await apim.untilJobEnds(integration, jobId));
    return job && job.apis > 0 ? true : undefined;
  });
}

function natsServer(): Record<string, string> {
  const binary = process.env['NATS_SERVER_BIN'];
  return binary === undefined ? {} : { NATS_SERVER_BIN: binary };
}
