import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkout } from './checkout.mjs';
import { agentFlags } from './node-flags.mjs';

test('the images have the flags that npm start has; the tests and the benchmark take them from there', async () => {
  const dockerfile = await readFile(join(checkout, 'deploy', 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain(`NODE_OPTIONS=${agentFlags.join(' ')} `);
});
