/**
 * Preloaded into a process that is measured (`NODE_OPTIONS=--import=…`). At SIGUSR2 it appends a line to the file that
 * `LOOP_WATCH_FILE` names, with three longest durations since the last time, ms: a pause of the event loop, what the
 * thread computed in one pause, and a garbage collection. A busy machine lengthens the first, since other programs take
 * the processor meanwhile; the second is this process's own doing.
 */
import { appendFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

const everyMs = 5;
const file = process.env['LOOP_WATCH_FILE'];
if (file !== undefined) {
  let [pause, computed, gc] = [0, 0, 0];
  let before = { at: performance.now(), cpu: process.threadCpuUsage() };
  setInterval(() => {
    const now = { at: performance.now(), cpu: process.threadCpuUsage(before.cpu) };
    pause = Math.max(pause, now.at - before.at - everyMs);
    computed = Math.max(computed, (now.cpu.user + now.cpu.system) / 1_000);
    before = { at: now.at, cpu: process.threadCpuUsage() };
  }, everyMs).unref();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gc = Math.max(gc, duration);
  }).observe({ entryTypes: ['gc'] });
  process.on('SIGUSR2', () => {
    appendFileSync(file, `${pause} ${computed} ${gc}\n`);
    [pause, computed, gc] = [0, 0, 0];
  });
}
