/** The most memory that a process has had, looked at a few times a second. */
import { memoryMiB, ownMemoryMiB } from './processes.ts';

const lookMs = 200;

/** In MiB. */
export interface HighWater {
  /** The process with all that it started, such as its broker. */
  readonly all: number;
  readonly own: number;
}

export interface MemoryWatch {
  /** The most since the start of the watch. The two may be of different moments. */
  peak(): HighWater;
  stop(): void;
}

/** Watches until it is stopped. */
export function watchMemory(pid: number): MemoryWatch {
  let peak: HighWater = { all: 0, own: 0 };
  const look = (): void => {
    peak = { all: Math.max(peak.all, memoryMiB([pid])), own: Math.max(peak.own, ownMemoryMiB(pid)) };
  };
  const timer = setInterval(look, lookMs);
  return {
    peak: () => {
      look();
      return peak;
    },
    stop: () => clearInterval(timer),
  };
}
