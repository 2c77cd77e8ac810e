/** Builds the pages of the console into services/console/web/dist. `ensurePages` starts it when they are old. */
import { writeFile } from 'node:fs/promises';
import { build } from 'vite';
import { keyOfSources, pagesFolder, stampFile, webFolder } from '../bootstrap/pages.mjs';
import { took } from '../bootstrap/run.mjs';

const started = Date.now();
const key = await keyOfSources();
await build({
  root: webFolder,
  configFile: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: pagesFolder,
    emptyOutDir: true,
    target: 'es2022',
    // The colours need `light-dark()`, which these have.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // The content security policy allows no code and no style in the page itself.
    assetsInlineLimit: 0,
    license: { fileName: 'LICENSES.md' },
  },
});
await writeFile(stampFile, key);
console.log(`The console's pages are built (${took(started)})`);
