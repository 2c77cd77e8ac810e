import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { checkout } from '../bootstrap/checkout.mjs';

/** Where our code is. Scripts use few packages, and those are tools. */
const ours = ['libs/*/src', 'libs/*/test', 'services/*/src', 'services/*/test', 'sandbox/src', 'tests'];

/**
 * These stay where they are: the first two read files of their own at run time, the third goes by the names of its
 * classes, which bundling changes.
 */
const whole = new Set(['playwright-core', '@seriousme/openapi-schema-validator', 'oidc-provider']);

/**
 * Bundles the packages that our code imports, each name into one file, and prints the path of a file with jest's
 * `moduleNameMapper` as JSON. jest loads every module anew for each test file, and a package is dozens of them. They
 * share their common parts, so that there is one of each as in `node_modules`. It is done again when the lockfile or
 * the imports change. A program of its own: the packages need our Node, `npm test` may run on an older one.
 */
const packagesForTests = async () => {
  const names = await importedPackages();
  const lock = await readFile(join(checkout, 'package-lock.json'));
  const key = createHash('sha256').update(lock).update(names.join(' ')).digest('hex').slice(0, 16);
  const all = join(checkout, '.cache', 'test-packages');
  const folder = join(all, key);
  const file = join(folder, 'names.json');
  if (!existsSync(file)) {
    await rm(all, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await bundleEach(names, folder);
    // Relative, so that a copied checkout uses its own.
    const inJest = `<rootDir>/${relative(checkout, folder).replaceAll('\\', '/')}`;
    const entries = names.map((name) => [`^${RegExp.escape(name)}$`, `${inJest}/${fileName(name)}.mjs`]);
    await writeFile(file, JSON.stringify(Object.fromEntries(entries)));
  }
  return file;
};

/** @param {string} name */
const fileName = (name) => name.replaceAll(/[@/.]/gu, '_');

/** An import at run time: static, of effects alone, or dynamic. To bundle only to know them would take seconds. */
const imported =
  /^(?:import|export)\s+(?!type\s)[^'";]*?\sfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gmu;

const importedPackages = async () => {
  const files = await Array.fromAsync(
    glob(
      ours.map((folder) => `${folder}/**/*.ts`),
      { cwd: checkout },
    ),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(checkout, file), 'utf8')));
  const names = texts.flatMap((text) =>
    [...text.matchAll(imported)].map((match) => match.slice(1).find((name) => name !== undefined) ?? ''),
  );
  return [...new Set(names)]
    .filter((name) => !/^\.|^node:|^@federation-agent\/|^@jest\//u.test(name) && !whole.has(name))
    .toSorted();
};

/** @param {string[]} names @param {string} folder */
const bundleEach = async (names, folder) => {
  const exported = new Map(await Promise.all(names.map(async (name) => [name, await exportsOf(name)])));
  await build({
    absWorkingDir: checkout,
    entryPoints: names.map((name) => ({ in: `entry:${name}`, out: fileName(name) })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minifyWhitespace: true,
    minifySyntax: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['main', 'module'], // As Node.
    legalComments: 'none',
    logLevel: 'warning',
    banner: {
      js: `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`,
    },
    plugins: [
      {
        name: 'entries',
        setup: ({ onResolve, onLoad }) => {
          const namespace = 'entry';
          onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice('entry:'.length), namespace }));
          onLoad({ filter: /./, namespace }, ({ path }) => ({
            contents: `export { ${exported.get(path)} } from '${path}';`,
            resolveDir: checkout,
          }));
        },
      },
    ],
  });
};

/** What Node sees in a package: of a CommonJS one, esbuild would see `default` alone. @param {string} name */
const exportsOf = async (name) => {
  const names = Object.keys(await import(name));
  return names.filter((one) => one !== 'module.exports' && one !== '__esModule').join(', ');
};

console.log(await packagesForTests());
