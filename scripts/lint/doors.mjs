/**
 * Finds imports that bypass a package's index.ts, and imports of test code in shipped code. `import()` and types count.
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/**
 * @param {string} folder
 * @param {readonly string[]} files paths below it
 * @returns {string[]} what is wrong, a line for each
 */
export const pastDoors = (folder, files) =>
  files.flatMap((file) =>
    specifiersIn(file, readFileSync(join(folder, file), 'utf8')).flatMap((specifier) => {
      const why = wrongWith(file, specifier);
      return why === undefined ? [] : [`${file}: '${specifier}': ${why}`];
    }),
  );

/** @param {string} file @param {string} specifier */
const wrongWith = (file, specifier) => {
  const isOfTests = isTest(file);
  if (!specifier.startsWith('.')) {
    const [, door] = /^@federation-agent\/[^/]+\/(.+)$/u.exec(specifier) ?? [];
    if (door === undefined || (door === 'test' && isOfTests)) return undefined;
    return door === 'test' ? 'shipped code imports test code' : 'import a package by its name';
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (packageOf(target) !== packageOf(file)) return 'import a package by its name, through its index.ts';
  return isTest(target) && !isOfTests ? 'shipped code imports test code' : undefined;
};

/** @param {string} path @returns {string} the folder of its package; that of the checkout is '' */
const packageOf = (path) => /^(?:(?:libs|services)\/[^/]+|sandbox|tests)(?=\/)/u.exec(path)?.[0] ?? '';

/** A test, or test support: `test` of a package, and all of `tests`. @param {string} path */
const isTest = (path) =>
  /\.test\.(?:ts|mjs)$/u.test(path) || /^(?:(?:libs|services)\/[^/]+\/|sandbox\/)?tests?\//u.test(path);

/** @param {string} path @param {string} text */
const specifiersIn = (path, text) => {
  /** @type {string[]} */
  const found = [];
  /** @param {ts.Node} node */
  const look = (node) => {
    const from =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : undefined;
    if (from && ts.isStringLiteralLike(from)) found.push(from.text);
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
};
