/**
 * What is in a bundle, counted. It may grow when it must: then with the new number here, and the
 * reason in the commit. `npm run bench -- start` tells what it costs.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stop } from 'esbuild';
import { bundle } from './bundle.mjs';

/** The largest bundle, and the smallest: it calls no AWS. A few per cent more than they have. */
const most = {
  agent: { files: 2_420, kibibytes: 4_250 },
  'gateway-link': { files: 1_400, kibibytes: 3_150 },
};

test.each(/** @type {(keyof typeof most)[]} */ (Object.keys(most)))(
  '%s loads no more than before',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    try {
      const files = await bundle(name, folder);
      const { size } = statSync(join(folder, `${name}.mjs`));
      expect(files.length).toBeLessThanOrEqual(most[name].files);
      expect(size / 1_024).toBeLessThanOrEqual(most[name].kibibytes);
      // All of forge is 40 files: we need its ASN.1 and RC2.
      expect(files.filter((file) => file.includes('node_modules/node-forge/')).length).toBeLessThan(10);
    } finally {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
