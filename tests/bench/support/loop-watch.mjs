/**
 * Preloaded into the agent that is measured (`NODE_OPTIONS=--import=…`): at SIGUSR2 the longest pause of its event loop
 * since the last time, and the longest of the garbage collector, go as a line into the file that `LOOP_WATCH_FILE`
 * names.
 */
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

const resolutionMs = 5;
const file = process.env['LOOP_WATCH_FILE'];
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let gc = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gc = Math.max(gc, duration);
  }).observe({ entryTypes: ['gc'] });
  process.on('SIGUSR2', () => {
    appendFileSync(file, `${Math.max(0, delay.max / 1e6 - resolutionMs)} ${gc}\n`);
    delay.reset();
    gc = 0;
  });
}
