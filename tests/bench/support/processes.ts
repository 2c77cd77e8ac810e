/** What a process and all that it started use of the machine; from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc/<pid>/stat in a second: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Empty when the process is gone. */
function proc(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Fields after the name, which may have blanks: state, parent, and so on. */
const statOf = (pid: number | string): readonly string[] =>
  proc(pid, 'stat').split(') ')[1]?.split(' ') ?? [];

/** The process and all that it started. */
function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/u.test(entry))) {
    const parent = Number(statOf(name)[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Milliseconds of CPU that the trees have used so far, in steps of 10 ms. */
export function cpuMs(roots: readonly number[]): number {
  const ticks = roots.flatMap(treeOf).map((pid) => {
    const fields = statOf(pid);
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return (sum(ticks) * 1_000) / ticksPerSecond;
}

/** MiB that the trees have in memory; a page that processes share counts once (Pss). */
export const memoryMiB = (roots: readonly number[]): number => sum(roots.flatMap(treeOf).map(ownMemoryMiB));

/** The same of one process, without those that it started. */
export function ownMemoryMiB(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/mu.exec(proc(pid, 'smaps_rollup'))?.[1] ?? 0) / 1_024;
}
