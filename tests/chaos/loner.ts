import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { killOnExit } from '@federation-agent/base/test';
import { findNatsServer } from '@federation-agent/broker/test';
import { environmentOf } from '../support/agent.ts';
import { startAgentProcess, tail } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import type { AwsPeer } from '../support/aws-peer.ts';
import { eventually } from '../support/eventually.ts';
import type { Apim } from './apim.ts';
import { LONER } from './landscape.ts';
import type { Timeline } from './timeline.ts';

/**
 * Whom the lock of a killed agent names: `reused`, a live process that got the same id and started later; `zombie`, a
 * process that has ended but whose parent has not collected it.
 */
type LeftLock = 'reused' | 'zombie';

/** The agent as one process, with its own data folder and broker, and an integration of its own. */
export interface Loner {
  /**
   * Sends SIGKILL, makes the lock name another process, and starts the agent again. If the lock prevents that, it is a
   * violation.
   */
  dieAndLeaveALock(kind: LeftLock): Promise<void>;
  /** Once nothing goes wrong any more: what is wrong, one sentence each. */
  faults(apim: Apim): Promise<string[]>;
  /** Starts that a lock prevented. */
  readonly broken: readonly string[];
  writeLogs(folder: string): string[];
  stop(): Promise<void>;
}

export interface LonerOptions {
  readonly apim: { readonly endpoint: string; readonly token: string };
  readonly aws: AwsPeer;
  readonly timeScale: number;
  readonly timeline: Timeline;
}

/**
 * Time from the first log line to the lock. The lock of a live process would be waited for 15 s, until it has missed
 * three renewals.
 */
const UP_MS = 12_000;
const LockFile = z.looseObject({ pid: z.number() });
const Discovered = z.looseObject({ apis: z.array(z.unknown()) });

export async function startLoner({ apim, aws, timeScale, timeline }: LonerOptions): Promise<Loner> {
  const { integration, region } = LONER;
  const stage = await aws.addApi({ name: 'lonely', description: 'of the agent in one process', region });
  await aws.addPlan('gold', [stage], region);
  const folder = mkdtempSync(join(tmpdir(), 'chaos-loner-'));
  const dataDir = join(folder, 'data');
  const integrations = [{ id: integration, region }];
  const account = { url: aws.url, ...aws.credentials };
  const ever: AgentProcess[] = [];
  const broken: string[] = [];
  const start = (): AgentProcess => {
    const env = {
      ...environmentOf({ apim, aws: account, integrations, timeScale }),
      gravitee_federation_dataDir: dataDir,
      NATS_SERVER_BIN: findNatsServer(),
    };
    const process = startAgentProcess({ program: 'standalone', env, cwd: folder });
    ever.push(process);
    return process;
  };
  let current = start();
  await hasLock(dataDir, current);

  return {
    broken,
    async dieAndLeaveALock(kind) {
      await current.end('SIGKILL');
      const lock = lockFile(dataDir);
      const { startedAt, ...left } = JSON.parse(readFileSync(lock, 'utf8')) as Record<string, unknown>;
      const other = kind === 'reused' ? startSleeper() : await startZombie();
      // The last renewal was just now, and the process in the lock exists.
      writeFileSync(
        lock,
        JSON.stringify({ ...left, pid: other.pid, ...(kind === 'reused' && { startedAt }) }),
      );
      const from = performance.now();
      current = start();
      await hasLock(dataDir, current).catch((error: unknown) =>
        broken.push(`the agent did not come up over the lock of a ${kind} process: ${String(error)}`),
      );
      other.end();
      timeline.note('lock left', {
        holder: kind,
        pid: current.pid,
        ms: Math.round(performance.now() - from),
      });
    },
    async faults(side) {
      if (!current.running()) return ['the agent in one process has ended'];
      const answer = await side.command(integration, 'DISCOVER', {});
      const apis = answer?.commandStatus === 'SUCCEEDED' ? Discovered.parse(answer.payload).apis.length : 0;
      return apis === 1 ? [] : [`the agent in one process discovers ${apis} APIs of 1`];
    },
    writeLogs: (to) =>
      ever.map((process) => {
        const path = join(to, `standalone-${process.pid}.log`);
        writeFileSync(path, `${tail(process.log(), Infinity)}\n`);
        return path;
      }),
    async stop() {
      await current.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The lock file of the present hold, or of the last one; only one file is left. */
function lockFile(dataDir: string): string {
  const last = readdirSync(dataDir).find((name) => name.startsWith('agent.lock.'));
  if (last === undefined) throw new Error(`no lock in ${dataDir}`);
  return join(dataDir, last);
}

/** Waits until the process has its own id in the lock. @throws NotInTime, or when the process ended */
async function hasLock(dataDir: string, process: AgentProcess): Promise<void> {
  const look = (): true | undefined => {
    try {
      return LockFile.parse(JSON.parse(readFileSync(lockFile(dataDir), 'utf8'))).pid === process.pid
        ? true
        : undefined;
    } catch {
      return undefined; // It does not exist, or is half written.
    }
  };
  await process.url();
  await eventually('the agent to have its data folder', look, {
    timeoutMs: UP_MS,
    giveUp: () => (process.running() ? undefined : `it ended: ${tail(process.log(), 3)}`),
  });
}

interface Other {
  readonly pid: number;
  end(): void;
}

function startSleeper(): Other {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  killOnExit(child);
  return { pid: child.pid ?? 0, end: () => child.kill('SIGKILL') };
}

/** The shell becomes a program that does not wait for its child, which ends after that. */
async function startZombie(): Promise<Other> {
  const child = '(while grep -q sh /proc/$$/comm; do :; done) & echo $!';
  const parent: ChildProcess = spawn('sh', ['-c', `${child}; exec sleep 60`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  killOnExit(parent);
  const [said] = (await once(parent.stdout ?? parent, 'data')) as [Buffer];
  const pid = Number(said.toString());
  await eventually('a zombie', () =>
    /\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? true : undefined,
  );
  return { pid, end: () => parent.kill('SIGKILL') };
}
