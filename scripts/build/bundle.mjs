import { mkdir, stat, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
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
  console: 'services/console/src/main.ts',
  agent: 'services/standalone/src/main.ts',
  sandbox: 'sandbox/src/serve.ts',
};

/** CommonJS packages call `require`, which a module does not have. */
const banner = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/**
 * Has Node's own modules required, not imported. For an import Node reads every export of such a module, which loads
 * what is behind each: with `http` alone all of its fetch, a tenth of a second.
 * @type {import('esbuild').Plugin}
 */
const requiredBuiltins = {
  name: 'required-builtins',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'builtin';
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace } : undefined,
    );
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** @typedef {keyof typeof programs} ProgramName */

/**
 * Bundles programs, each into one file, without blanks, with a source map.
 * @template {ProgramName} Name
 * @param {readonly Name[]} names
 * @param {string} folder
 * @returns {Promise<{ name: Name, files: string[] }[]>} with the paths of all that is in it, from the checkout
 */
export const bundle = async (names, folder) => {
  const { metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: Object.fromEntries(names.map((name) => [name, programs[name]])),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Identifiers stay: logs contain the names of error classes. `keepNames` would do too, but costs at every call.
    minifyWhitespace: true,
    minifySyntax: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    plugins: [requiredBuiltins],
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    banner: { js: banner },
    logLevel: 'warning',
  });
  const inputs = new Map(Object.values(metafile.outputs).map((output) => [output.entryPoint, output.inputs]));
  return names.map((name) => ({ name, files: Object.keys(inputs.get(programs[name]) ?? {}) }));
};

/**
 * Bundles the programs with these names, or all when there are none, with the licences of their packages, into `dist`.
 * @param {string[]} names
 * @param {(line: string) => void} log
 */
export const bundleAll = async (names, log) => {
  const wrong = names.filter((name) => !Object.hasOwn(programs, name));
  if (wrong.length > 0)
    throw new Error(`no bundle is called ${wrong.join(', ')}: there are ${Object.keys(programs).join(', ')}`);
  const folder = join(checkout, 'dist');
  await mkdir(folder, { recursive: true });
  const all = /** @type {ProgramName[]} */ (Object.keys(programs));
  const started = Date.now();
  const bundles = await bundle(
    all.filter((name) => names.length === 0 || names.includes(name)),
    folder,
  );
  for (const { name, files } of bundles) {
    const licences = await licencesOf(files);
    await writeFile(join(folder, `${name}.LICENSES.txt`), licences.text);
    const { size } = await stat(join(folder, `${name}.mjs`));
    log(`dist/${name}.mjs: ${Math.round(size / 1024)} KiB, ${licences.count} packages (${took(started)})`);
  }
};
