/**
 * Preloaded into a process that is profiled: its CPU, or what it allocates. The profile begins at the first SIGUSR2, or
 * at the start of the process with `PROFILE_FROM=start`, and is in `PROFILE_FILE` after the next.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const { PROFILE_KIND, PROFILE_FROM, PROFILE_FILE } = process.env;
const [start, stop] =
  PROFILE_KIND === 'heap'
    ? ['HeapProfiler.startSampling', 'HeapProfiler.stopSampling']
    : ['Profiler.start', 'Profiler.stop'];

const session = new Session();
session.connect();
if (PROFILE_KIND !== 'heap') await session.post('Profiler.enable');
let running = PROFILE_FROM === 'start';
if (running) await session.post(start);

process.on('SIGUSR2', () => {
  const next = running ? stop : start;
  running = !running;
  void session.post(next).then((result) => {
    if (next === stop) writeFileSync(PROFILE_FILE, JSON.stringify(result.profile));
  });
});
