import { parseArgs } from 'node:util';
import { SeedInput } from './landscape.ts';
import { startAws } from './server.ts';

/**
 * Runs the sandbox as a process: `--port` (or SANDBOX_AWS_PORT; 0 takes a free one), `--seed-json` (or
 * SANDBOX_AWS_SEED_JSON; the input of `seed`, without it there is no landscape), `--max-page-size`, `--throttle-scale`
 * (0: off). It prints one line, `{"ready":true,"url":...}`, and ends on SIGTERM or SIGINT.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env['SANDBOX_AWS_PORT'] ?? '0' },
    'seed-json': { type: 'string', default: process.env['SANDBOX_AWS_SEED_JSON'] ?? '' },
    'max-page-size': { type: 'string', default: process.env['SANDBOX_AWS_MAX_PAGE_SIZE'] ?? '500' },
    'throttle-scale': { type: 'string', default: process.env['SANDBOX_AWS_THROTTLE_SCALE'] ?? '1' },
  },
});
const scale = Number(values['throttle-scale']);

const aws = await startAws({
  port: Number(values.port),
  limits: { maxPageSize: Number(values['max-page-size']) },
  throttle: scale > 0 ? { scale } : { enabled: false },
});
if (values['seed-json'] !== '') aws.control.seed(SeedInput.parse(JSON.parse(values['seed-json'])));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void aws.stop());
process.stdout.write(`${JSON.stringify({ ready: true, url: aws.url })}\n`);
