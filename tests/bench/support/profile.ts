/** Where the time or the memory of a profile went: by packages and folders, and by functions. Pure. */
import { z } from 'zod';

const Place = z.object({
  functionName: z.string(),
  url: z.string(),
  lineNumber: z.number(),
  columnNumber: z.number(),
});
/** A place in the code: of the bundle, or of its source. Lines and columns from 0. */
type Place = z.infer<typeof Place>;

const CpuProfile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: Place })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

interface HeapNode {
  readonly callFrame: Place;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}
const HeapNode: z.ZodType<HeapNode> = z.lazy(() =>
  z.object({ callFrame: Place, selfSize: z.number(), children: z.array(HeapNode) }),
);
const HeapProfile = z.object({ head: HeapNode });

/** What one place took: ms of CPU, or KiB. */
export interface Taken {
  readonly place: Place;
  readonly amount: number;
}

const noWork = new Set(['(idle)', '(program)', '(root)']);

/** ms of each place itself, without idle time and the profiler. */
export function cpuOf(profile: unknown): Taken[] {
  const { nodes, samples, timeDeltas } = CpuProfile.parse(profile);
  const micros = new Map<number, number>();
  samples.forEach((id, index) => micros.set(id, (micros.get(id) ?? 0) + (timeDeltas[index] ?? 0)));
  return nodes
    .filter(({ callFrame }) => !noWork.has(callFrame.functionName) && callFrame.url !== 'node:inspector')
    .map(({ id, callFrame }) => ({ place: callFrame, amount: (micros.get(id) ?? 0) / 1_000 }));
}

/** KiB that each place allocated and that were still in use at the end. */
export function heapOf(profile: unknown): Taken[] {
  const all = (node: HeapNode): Taken[] => [
    { place: node.callFrame, amount: node.selfSize / 1_024 },
    ...node.children.flatMap(all),
  ];
  return all(HeapProfile.parse(profile).head);
}

/** A package, a folder of ours, or a part of Node. */
function partOf({ url, functionName }: Place): string {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(url)?.[1];
  if (name !== undefined) return name;
  const ours = /(?:libs|services|sandbox)\/[^/]+/u.exec(url)?.[0];
  return ours ?? (url === '' ? functionName : url.split('/').slice(0, 1).join('/'));
}

/** The greatest first, each with its share of all. */
export function greatest(taken: readonly Taken[], by: 'part' | 'function', count: number): string[] {
  const sums = new Map<string, number>();
  for (const { place, amount } of taken) {
    const name = by === 'part' ? partOf(place) : `${place.functionName || '(anonymous)'} ${place.url}`;
    sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  const all = taken.reduce((sum, { amount }) => sum + amount, 0);
  return [...sums]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(
      ([name, sum]) =>
        `${sum.toFixed(1).padStart(9)} ${((sum * 100) / all).toFixed(1).padStart(5)} %  ${name}`,
    );
}
