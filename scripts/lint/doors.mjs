/**
 * Finds imports that no package may have: past another's index.ts, of a package that is not below, of test code in
 * shipped code, of the AWS SDK outside its library. `import()` and types count.
 */
import { readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { arrows } from './arrows.mjs';

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
  const ours = /^@federation-agent\/([^/]+)(?:\/(.+))?$/u.exec(specifier);
  if (ours?.[1] !== undefined) return wrongWithPackage(file, ours[1], ours[2]);
  if (specifier.startsWith('.')) return wrongWithPath(file, posix.join(posix.dirname(file), specifier));
  return /^@(?:aws-sdk|smithy)\//u.test(specifier) && !mayUseSdk(file)
    ? 'only libs/aws-control-plane may import the AWS SDK'
    : undefined;
};

/** @param {string} file @param {string} name @param {string | undefined} door */
const wrongWithPackage = (file, name, door) => {
  const isOfTests = isTest(file);
  if (door === 'test' && !isOfTests) return 'shipped code imports test code';
  if (door !== undefined && door !== 'test') return 'import a package by its name';
  const from = packageOf(file);
  const { may, inTests = [] } = arrows[from] ?? {};
  const allowed = may === undefined || [basename(from), ...may, ...(isOfTests ? inTests : [])].includes(name);
  return allowed ? undefined : `${from} may not import ${name}: see scripts/lint/arrows.mjs`;
};

/** @param {string} file @param {string} target */
const wrongWithPath = (file, target) => {
  if (packageOf(target) !== packageOf(file)) return 'import a package by its name, through its index.ts';
  return isTest(target) && !isTest(file) ? 'shipped code imports test code' : undefined;
};

/** @param {string} file */
const mayUseSdk = (file) => {
  const { may, sdk = false, sdkInTests = false } = arrows[packageOf(file)] ?? {};
  return may === undefined || sdk || (sdkInTests && isTest(file));
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
  /** @param {{ source?: unknown }} node */
  const add = ({ source }) => {
    if (isText(source)) found.push(source.value);
  };
  new Visitor({
    ImportDeclaration: add,
    ExportAllDeclaration: add,
    ExportNamedDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
  }).visit(parseSync(path, text).program);
  return found;
};

/** @param {unknown} node @returns {node is { value: string }} */
const isText = (node) =>
  typeof node === 'object' && node !== null && 'value' in node && typeof node.value === 'string';
