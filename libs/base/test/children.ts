import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();

/**
 * A test process that dies takes this child along. One listener for all: a fleet has more than Node thinks is healthy.
 */
export function killOnExit(child: ChildProcess): void {
  if (children.size === 0) process.once('exit', killAll);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) process.removeListener('exit', killAll);
  });
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}
