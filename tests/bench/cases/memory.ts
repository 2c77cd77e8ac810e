/** Memory at rest and after thousands of commands, and what they leave behind. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { realLimits } from '@federation-agent/contracts';
import { connectTestBroker, startTestBroker } from '@federation-agent/broker/test';
import { eventually } from '../../support/eventually.ts';
import { openArena, type Arena } from '../support/contestants.ts';
import type { BenchCase, Figure } from '../support/figure.ts';
import { memoryMiB } from '../support/processes.ts';

const inFlight = 10;
const restMs = 5_000;

const preload = fileURLToPath(new URL('../support/heap-look.mjs', import.meta.url));

export const memory: BenchCase = {
  name: 'memory',
  about:
    'The agent without its broker: at rest, and after DISCOVERs of ten APIs, ten at once. In use is what a collection ' +
    'of garbage leaves; the rest waits for one, since the heap may grow. The slope is what a thousand further commands ' +
    'leave in use: their outcomes are remembered for ten minutes. Handles and consumers are those that are left over.',
  run: async (quick) => {
    const [first, more] = quick ? [500, 1_000] : [2_000, 8_000];
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const [arena, server] = await Promise.all([openArena(), startTestBroker()]);
    try {
      const agent = await arena.agent({
        gravitee_federation_broker_url: server.url,
        gravitee_federation_sealingKey: randomBytes(32).toString('base64'),
        NODE_OPTIONS: `--import=${preload}`,
        HEAP_LOOK_FILE: join(folder, 'heap'),
      });
      const broker = await connectTestBroker(server, 'aws-discovery', realLimits);
      const [pid = 0] = agent.pids;
      const look = async () => {
        await pause(restMs);
        const mib = memoryMiB([pid]);
        const inUse = await heapOf(pid, join(folder, 'heap'));
        return { mib, inUse, handles: handlesOf(pid), consumers: await consumersOf(broker) };
      };
      const rest = await look();
      await discover(arena, first);
      const warm = await look();
      await discover(arena, more);
      const end = await look();
      await broker.close();
      await agent.stop();
      const after = `after ${(first + more).toLocaleString('en')} commands`;
      return [
        { name: 'memory at rest', unit: 'MiB', ours: [rest.mib] },
        { name: `memory ${after}`, unit: 'MiB', ours: [end.mib] },
        { name: 'in use at rest', unit: 'MiB', ours: [rest.inUse] },
        { name: `in use ${after}`, unit: 'MiB', ours: [end.inUse] },
        { name: 'slope', unit: 'KiB per 1,000', ours: [((end.inUse - warm.inUse) * 1_024 * 1_000) / more] },
        { name: 'handles left over', unit: 'in all', ours: [end.handles - warm.handles], goal: none },
        { name: 'consumers left over', unit: 'in all', ours: [end.consumers - rest.consumers], goal: none },
      ] satisfies Figure[];
    } finally {
      await Promise.all([arena.stop(), server.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** MiB in use after a collection. */
async function heapOf(pid: number, file: string): Promise<number> {
  const lines = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  const before = lines().length;
  process.kill(pid, 'SIGUSR2');
  return eventually('the heap', () => {
    const line = lines()[before];
    return line === undefined ? undefined : Number(line);
  });
}

const none = { atMost: 0 };

const handlesOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function consumersOf({ jsm }: Awaited<ReturnType<typeof connectTestBroker>>): Promise<number> {
  let consumers = 0;
  for await (const { state } of jsm.streams.list()) consumers += state.consumer_count;
  return consumers;
}

async function discover({ apim, integrations }: Arena, count: number): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { commandStatus } = await apim.discover(integrations.agent);
      if (commandStatus !== 'SUCCEEDED') throw new Error(`DISCOVER: ${commandStatus ?? 'no answer'}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
}
