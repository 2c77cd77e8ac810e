/**
 * Preloaded into a measured process (`NODE_OPTIONS=--import=…`). At SIGUSR2 it collects garbage and appends what
 * is still in use, in MiB, to the file that `HEAP_LOOK_FILE` names.
 */
import { appendFileSync } from 'node:fs';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

const file = process.env['HEAP_LOOK_FILE'];
if (file !== undefined) {
  v8.setFlagsFromString('--expose-gc');
  /** @type {() => void} */
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    collect();
    appendFileSync(file, `${process.memoryUsage().heapUsed / 1_024 ** 2}\n`);
  });
}
