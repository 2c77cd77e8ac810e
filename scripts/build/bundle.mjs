import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { checkout } from '../bootstrap/checkout.mjs';
import { took } from '../bootstrap/run.mjs';
import { licencesOf } from './licences.mjs';

/** The main file of each program, by the name of its bundle. */
export const programs = {
  'gateway-link': 'services/gateway-link/src/main.ts',
  'aws-discovery': 'services/aws-discovery/src/main.ts',
  'subscription-manager': 'services/subscription-manager/src/main.ts',
  agent: 'services/standalone/src/main.ts',
  sandbox: 'sandbox/src/serve.ts',
};

/** CommonJS packages call `require`, which a module does not have. */
const banner = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/**
 * Bundles the programs of these names, all without one.
 * @param {string[]} names
 * @param {(line: string) => void} log
 * @param {string} [folder]
 */
export const bundleAll = async (names, log, folder = join(checkout, 'dist')) => {
  const wrong = names.filter((name) => !Object.hasOwn(programs, name));
  if (wrong.length > 0)
    throw new Error(`no bundle is called ${wrong.join(', ')}: there are ${Object.keys(programs).join(', ')}`);
  await mkdir(folder, { recursive: true });
  for (const [name, main] of Object.entries(programs)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const started = Date.now();
    const outfile = join(folder, `${name}.mjs`);
    const { metafile } = await build({
      absWorkingDir: checkout,
      entryPoints: [main],
      outfile,
      bundle: true,
      minify: true,
      keepNames: true, // Logs contain the names of error classes.
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'],
      sourcemap: 'linked',
      sourcesContent: false,
      legalComments: 'none',
      metafile: true,
      banner: { js: banner },
      logLevel: 'warning',
    });
    const licences = await licencesOf(Object.keys(metafile.inputs));
    await writeFile(join(folder, `${name}.LICENSES.txt`), licences.text);
    const { size } = await stat(outfile);
    log(`dist/${name}.mjs: ${Math.round(size / 1024)} KiB, ${licences.count} packages (${took(started)})`);
  }
};
