/** `docs/errors.md`: all our errors, read from the source of their classes. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { format, table } from './markdown.ts';
import { retryLoops } from './retries.ts';

export interface ErrorClass {
  readonly code: string;
  readonly name: string;
  readonly disposition: string;
  /** The docstring as one line. */
  readonly meaning: string;
  /** Folder of its package, such as `libs/service-kit`. */
  readonly room: string;
}

const base = 'FederationError';
const dispositions = ['retryable', 'final', 'poison'];

/** All concrete subclasses of FederationError, by code. */
export async function errorClasses(checkout: string): Promise<readonly ErrorClass[]> {
  const found = new Map<string, Declared>();
  for await (const path of glob('{libs,services}/*/src/**/*.ts', { cwd: checkout })) {
    if (path.endsWith('.test.ts')) continue;
    const text = await readFile(join(checkout, path), 'utf8');
    if (!text.includes(' extends ')) continue;
    for (const declared of declaredIn(path, text)) found.set(declared.name, declared);
  }
  return [...found.values()]
    .filter(({ parent, abstract }) => !abstract && descends(parent, found))
    .map((declared) => read(declared))
    .sort((a, b) => a.code.localeCompare(b.code) || a.name.localeCompare(b.name));
}

/** The text of `docs/errors.md`. */
export async function errorsDocument(checkout: string): Promise<string> {
  const rows = (await errorClasses(checkout)).map(({ code, name, disposition, meaning, room }) => [
    `\`${code}\``,
    disposition,
    meaning,
    `\`${name}\` in ${room}`,
  ]);
  const link = (path: string): string => `[${path.split('/').at(-1)}](../${path})`;
  const retryRows = retryLoops.map(({ what, until, pauses, source, test }) => [
    what,
    until,
    pauses,
    `${link(source)}, ${link(test.file)}: “${test.name}”`,
  ]);
  return format(`# Error codes

Made from the error classes by \`npm run docs\`; a test fails when it is stale.

A log line about an error has its code in \`code\` or \`err.code\`. \`federation_aws_calls_total\` counts failed AWS calls
by code. The disposition says what becomes of the work:

- **retryable**: it does not work now. The same may work later, and the agent tries again by itself.
- **final**: it will never work with this input or this configuration. The agent tells whoever asked.
- **poison**: nobody can handle this message. It becomes a dead letter.

${table(['Code', 'Disposition', 'What happened', 'Class'], rows)}

## What is tried again

Everything that the agent repeats has an end, and a pause where it is repeated more than once. Only for what it cannot
work without does the agent ask until the process ends: APIM, the broker and what is stored there, its workers, its
secrets. The last column names the test that counts the calls.

${table(['What', 'Until', 'Pauses', 'Code, test'], retryRows)}

The exit code of a process is 0 after SIGTERM or SIGINT, 2 when its configuration cannot be used, and 1 otherwise.
`);
}

interface Declared {
  readonly name: string;
  readonly parent: string;
  readonly abstract: boolean;
  readonly path: string;
  readonly node: ts.ClassDeclaration;
  readonly source: ts.SourceFile;
}

function* declaredIn(path: string, text: string): Generator<Declared> {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  for (const node of source.statements) {
    if (!ts.isClassDeclaration(node) || !node.name) continue;
    const parent = node.heritageClauses
      ?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
      ?.types[0]?.expression.getText(source);
    if (parent === undefined) continue;
    const abstract = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) ?? false;
    yield { name: node.name.text, parent, abstract, path, node, source };
  }
}

function descends(parent: string, found: ReadonlyMap<string, Declared>): boolean {
  if (parent === base) return true;
  const above = found.get(parent);
  return above !== undefined && descends(above.parent, found);
}

/** @throws Error for a class without a code, a disposition or a docstring */
function read({ name, path, node, source }: Declared): ErrorClass {
  const call = superCall(node);
  const words = call ? literals(call) : [];
  const disposition = words.find(({ text }) => dispositions.includes(text));
  // The code is in the same object as the disposition, or is the argument before it.
  const code =
    words.find(({ key }) => key === 'code') ?? words[words.findIndex((word) => word === disposition) - 1];
  const meaning = docstring(node, source);
  if (!code || !disposition || meaning === '') {
    throw new Error(`${path}: ${name} needs a docstring, and a code and a disposition in its super call`);
  }
  const room = path.split(/[\\/]/u).slice(0, 2).join('/');
  return { code: code.text, name, disposition: disposition.text, meaning, room };
}

function superCall(node: ts.Node): ts.CallExpression | undefined {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) return node;
  return ts.forEachChild(node, superCall);
}

interface Literal {
  readonly text: string;
  /** The property that has this text. */
  readonly key?: string;
}

/** The texts among the arguments, including those one level deeper. */
function literals(call: ts.CallExpression): readonly Literal[] {
  return call.arguments.flatMap((argument): readonly Literal[] => {
    if (ts.isStringLiteral(argument)) return [{ text: argument.text }];
    if (!ts.isObjectLiteralExpression(argument)) return [];
    return argument.properties.flatMap((property) =>
      ts.isPropertyAssignment(property) && ts.isStringLiteral(property.initializer)
        ? [{ text: property.initializer.text, key: property.name.getText() }]
        : [],
    );
  });
}

function docstring(node: ts.Node, source: ts.SourceFile): string {
  const last = ts.getLeadingCommentRanges(source.text, node.pos)?.at(-1);
  const text = last ? source.text.slice(last.pos, last.end) : '';
  if (!text.startsWith('/**')) return '';
  return text
    .replace(/^\/\*\*|\*\/$/gu, '')
    .replaceAll(/^\s*\* ?/gmu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}
