import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '../support/agent.ts';
import type { Agent } from '../support/agent.ts';
import { tail } from '../support/agent-process.ts';
import type { AgentProcess, Program } from '../support/agent-process.ts';
import type { Timeline } from './timeline.ts';

/** A replica of a service: one process at a time, which is replaced again and again. */
interface Replica {
  readonly name: string;
  readonly program: Program;
  readonly process: () => AgentProcess;
  /** Ends the process, waits, and starts another. Does nothing while something else is being done to the replica. */
  restart(signal: NodeJS.Signals, whileAway: () => Promise<void>): Promise<void>;
  /**
   * Sends SIGTERM twice within milliseconds, as when a process group and its launcher get a signal; that counts as one.
   */
  terminateTwice(whileAway: () => Promise<void>): Promise<void>;
  /** Suspends the process, waits, and resumes it. */
  suspend(meanwhile: () => Promise<void>): Promise<void>;
}

/** All processes of the agent. */
export interface Fleet {
  readonly replicas: readonly Replica[];
  /** The largest resident memory that any process of a service had, in MiB. */
  memory(): ReadonlyMap<string, number>;
  /** Exits without a signal, and exit codes other than 0 after SIGTERM. */
  readonly misbehaved: readonly string[];
  /** Writes the log of every process to a file, and returns the paths. */
  writeLogs(folder: string): string[];
  stop(): void;
}

const REPLICAS = 2;
const SAMPLE_MS = 2_000;
const MIB = 1_024;

export function startFleet(agent: Agent, timeline: Timeline): Fleet {
  const ever: { name: string; process: AgentProcess }[] = [];
  const misbehaved: string[] = [];
  const memory = new Map<string, number>();

  const replica = (program: Program, number: number): Replica => {
    const name = `${program}-${number}`;
    let busy = false;
    let current = begin();

    function begin(): AgentProcess {
      const process = agent.start(program);
      ever.push({ name: `${name}-${process.pid}`, process });
      return process;
    }
    const alone = async (run: () => Promise<void>): Promise<void> => {
      if (busy) return;
      busy = true;
      const excused = program === 'gateway-link' ? timeline.excuse(name) : () => undefined;
      await run();
      excused();
      busy = false;
    };
    const restart = (signal: NodeJS.Signals, whileAway: () => Promise<void>, often = 1): Promise<void> =>
      alone(async () => {
        if (!current.running()) misbehaved.push(`${name} (${current.pid}) had ended by itself`);
        timeline.note(signal, { name, pid: current.pid, often });
        for (let again = 1; again < often; again += 1) process.kill(current.pid, signal);
        const code = await current.end(signal);
        // Before its first log line a process is still loading modules, and ends like any Node process.
        if (signal === 'SIGTERM' && code !== 0 && current.log().length > 0) {
          misbehaved.push(`${name} (${current.pid}) ended with ${code} after SIGTERM`);
        }
        await whileAway();
        current = begin();
        timeline.note('started', { name, pid: current.pid });
      });
    return {
      name,
      program,
      process: () => current,
      restart,
      terminateTwice: (whileAway) => restart('SIGTERM', whileAway, 2),
      suspend: (meanwhile) =>
        alone(async () => {
          timeline.note('SIGSTOP', { name, pid: current.pid });
          process.kill(current.pid, 'SIGSTOP');
          await meanwhile();
          process.kill(current.pid, 'SIGCONT');
          timeline.note('SIGCONT', { name, pid: current.pid });
        }),
    };
  };

  const replicas = SERVICES.flatMap((program) =>
    Array.from({ length: REPLICAS }, (_, index) => replica(program, index + 1)),
  );
  const sample = (): void => {
    for (const { program, process } of replicas) {
      memory.set(program, Math.max(memory.get(program) ?? 0, residentMib(process().pid)));
    }
  };
  const timer = setInterval(sample, SAMPLE_MS);

  return {
    replicas,
    memory: () => memory,
    misbehaved,
    writeLogs: (folder) =>
      ever.map(({ name, process }) => {
        const path = join(folder, `${name}.log`);
        writeFileSync(path, `${tail(process.log(), Infinity)}\n`);
        return path;
      }),
    stop: () => clearInterval(timer),
  };
}

/** 0 where there is no /proc, or when the process is gone. */
function residentMib(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kib ?? 0) / MIB);
  } catch {
    return 0;
  }
}
