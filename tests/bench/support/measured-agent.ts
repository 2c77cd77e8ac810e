/**
 * The agent under measurement: one process with its broker, between a sandbox APIM and a sandbox AWS in separate
 * processes.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAwsControl, SANDBOX_AGENT } from '@federation-agent/sandbox';
import { z } from 'zod';
import { startAgentProcess } from '../../support/agent-process.ts';
import { controlClient, type ControlClient } from '../../support/control-client.ts';
import { eventually } from '../../support/eventually.ts';
import { startReadyChild } from '../../support/ready-child.ts';
import { seedEstate, type Estate } from './estate.ts';

const program = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const integration = '9f0c7a52-3d1e-4a6b-8c55-0b7d1e2f3a44';

/** The longest of each in a while, ms. See `loop-watch.mjs`. */
export interface Pause {
  /** Of the event loop, however it came about. */
  readonly loop: number;
  /** What the thread computed in one. */
  readonly computed: number;
  /** What the garbage collector took at once. */
  readonly gc: number;
}

export interface MeasuredAgent {
  readonly apim: ControlClient;
  readonly integration: string;
  /** The longest pause of the agent's event loop, and of the sandbox APIM's, while this ran. */
  readonly longestPause: (during: () => Promise<unknown>) => Promise<Pause>;
  readonly longestPauseOfApim: (during: () => Promise<unknown>) => Promise<Pause>;
  /** The most memory that the agent has used so far, without its broker; MiB. */
  peak(): { readonly agent: number; readonly broker: number };
  log(): readonly Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
}

/** With `listsOnly`, GetStages never answers: scans only read the lists. */
export interface MeasuredEstate extends Estate {
  readonly listsOnly: boolean;
}

/** Starts everything; the agent has found nothing yet. */
export async function measuredAgent(estate: MeasuredEstate): Promise<MeasuredAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const node = process.execPath;
  const aws = await startReadyChild({
    command: node,
    args: [program('sandbox/src/aws/main.ts'), '--throttle-scale', '0'],
    ready: z.object({ url: z.string() }),
  });
  const apimPauses = watchFile(folder, 'apim');
  const apim = await startReadyChild({
    command: node,
    env: { ...process.env, ...watched(apimPauses) },
    args: [
      program('sandbox/src/apim/main.ts'),
      ...['--integration', `${integration}=aws-api-gateway`, '--token', 'bench'],
    ],
    ready: z.object({ wsPort: z.number(), httpPort: z.number() }),
  });
  const control = connectAwsControl(aws.ready.url);
  if (estate.listsOnly)
    await control.addFault({ match: { operation: 'GetStages' }, fault: { kind: 'hang-before' } });
  const roles = await seedEstate(control, estate);
  const agentPauses = watchFile(folder, 'agent');
  const at = 'gravitee_integration_providers_0';
  const agent = startAgentProcess({
    program: 'standalone',
    cwd: folder,
    env: {
      ...watched(agentPauses),
      ...(process.env['NATS_SERVER_BIN'] !== undefined && {
        NATS_SERVER_BIN: process.env['NATS_SERVER_BIN'],
      }),
      gravitee_integration_connector_ws_endpoints_0: `http://127.0.0.1:${apim.ready.wsPort}`,
      gravitee_integration_connector_ws_headers_0_name: 'Authorization',
      gravitee_integration_connector_ws_headers_0_value: 'bearer bench',
      [`${at}_type`]: 'aws-api-gateway',
      [`${at}_integrationId`]: integration,
      [`${at}_configuration_accessKeyId`]: SANDBOX_AGENT.accessKeyId,
      [`${at}_configuration_secretAccessKey`]: SANDBOX_AGENT.secretAccessKey,
      [`${at}_configuration_region`]: estate.regions.join(','),
      [`${at}_configuration_roleArn`]: roles.join(','),
      [`${at}_configuration_endpointUrl`]: aws.ready.url,
      [`${at}_configuration_requestsPerSecond`]: '8',
      [`${at}_configuration_burst`]: '10',
      gravitee_services_core_http_port: '0',
      gravitee_services_core_http_host: '127.0.0.1',
      gravitee_federation_dataDir: join(folder, 'data'),
    },
  });
  await agent.ready();
  return {
    apim: controlClient(`http://127.0.0.1:${apim.ready.httpPort}`),
    integration,
    longestPause: (during) => longestPause(agent.pid, agentPauses, during),
    longestPauseOfApim: (during) => longestPause(apim.pid, apimPauses, during),
    peak: () => ({ agent: peakOf(agent.pid), broker: peakOf(childOf(agent.pid)) }),
    log: () => agent.log(),
    stop: async () => {
      await agent.end('SIGTERM');
      await Promise.all([apim.stop(), aws.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const watchFile = (folder: string, name: string): string => join(folder, `pauses-of-${name}`);

/** The variables of a process whose pauses go into this file. */
function watched(file: string): { readonly NODE_OPTIONS: string; readonly LOOP_WATCH_FILE: string } {
  return {
    NODE_OPTIONS: `--import=${program('tests/bench/support/loop-watch.mjs')}`,
    LOOP_WATCH_FILE: file,
  };
}

async function longestPause(pid: number, file: string, during: () => Promise<unknown>): Promise<Pause> {
  const read = (): Pause[] =>
    existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(toPause) : [];
  /** Asks for the longest since the last question. */
  const ask = async (): Promise<Pause> => {
    const before = read().length;
    process.kill(pid, 'SIGUSR2');
    return eventually('the pause', () => read()[before]);
  };
  await ask();
  await during();
  return ask();
}

function toPause(line: string): Pause {
  const [loop = 0, computed = 0, gc = 0] = line.split(' ').map(Number);
  return { loop, computed, gc };
}

/** Linux only: the high-water mark of resident memory, MiB. */
function peakOf(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/mu.exec(status)?.[1] ?? 0) / 1024);
}

function childOf(pid: number): number {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) : 0;
}
