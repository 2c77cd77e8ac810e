/** From the start of a process until APIM has its channel, and what it has used by then. */
import { openArena } from '../support/contestants.ts';
import type { BenchCase } from '../support/figure.ts';
import { cpuMs, memoryMiB } from '../support/processes.ts';

export const start: BenchCase = {
  name: 'start',
  about:
    'From the start of the process to the active channel. Ours starts its embedded broker on an empty data folder ' +
    'first. It is bound by CPU: half of it is loading modules, the rest is the broker, its streams, and three services.',
  run: async (quick) => {
    const arena = await openArena();
    const seen = { java: rounds(), agent: rounds() };
    try {
      // The first start of each fills caches of the machine, and of the controller's JVM.
      for (let round = 0; round <= (quick ? 2 : 7); round += 1) {
        for (const who of ['java', 'agent'] as const) {
          const contestant = await arena[who]();
          if (round > 0) {
            seen[who].ms.push(contestant.startMs);
            seen[who].cpu.push(cpuMs(contestant.pids));
            seen[who].memory.push(memoryMiB(contestant.pids));
          }
          await contestant.stop();
        }
      }
    } finally {
      await arena.stop();
    }
    const { java, agent } = seen;
    return [
      { name: 'start to channel', unit: 'ms', baseline: java.ms, ours: agent.ms, goal: { times: 0.5 } },
      { name: 'CPU until then', unit: 'ms', baseline: java.cpu, ours: agent.cpu },
      { name: 'memory then', unit: 'MiB', baseline: java.memory, ours: agent.memory },
    ];
  },
};

const rounds = (): { ms: number[]; cpu: number[]; memory: number[] } => ({ ms: [], cpu: [], memory: [] });
