/** Finds files that import each other in a circle. Type imports count; `import()` does not. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** How an import finds its file, as in tsconfig.base.json. */
const options = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
};

/**
 * @param {string} folder
 * @param {readonly string[]} files paths below it
 * @returns {Map<string, string[]>} by file the others that it imports, packages of the workspace by their door
 */
export const importsOf = (folder, files) => {
  const cache = ts.createModuleResolutionCache(folder, (name) => name, options);
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const path = join(folder, file);
      const found = new Set();
      for (const specifier of importedBy(path).filter(isOurs)) {
        const { resolvedModule } = ts.resolveModuleName(specifier, path, options, ts.sys, cache);
        const target = resolvedModule && relative(folder, resolvedModule.resolvedFileName);
        if (target !== undefined && known.has(target)) found.add(target);
      }
      return [file, [...found].sort()];
    }),
  );
};

/** @param {string} specifier */
const isOurs = (specifier) => /^(?:\.|@federation-agent\/)/u.test(specifier);

/** @param {string} path */
const importedBy = (path) =>
  ts
    .createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest)
    .statements.filter((statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
    .flatMap(({ moduleSpecifier: from }) => (from && ts.isStringLiteral(from) ? [from.text] : []));

/**
 * @param {ReadonlyMap<string, readonly string[]>} imports
 * @returns {string[][]} circles, each from a file to the one that imports the first again; of circles that share an
 *   import at least one
 */
export const circlesIn = (imports) => {
  /** @type {string[][]} */
  const circles = [];
  const done = new Set();
  /** @param {string} file @param {readonly string[]} path how it was come to */
  const follow = (file, path) => {
    if (path.includes(file)) circles.push(path.slice(path.indexOf(file)));
    if (path.includes(file) || done.has(file)) return;
    for (const next of imports.get(file) ?? []) follow(next, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) follow(file, []);
  return circles;
};
