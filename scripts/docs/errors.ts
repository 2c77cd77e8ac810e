/** `docs/errors.md`: all our errors, read from the source of their classes. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Argument, type Class, type Comment, parseSync, Visitor } from 'oxc-parser';
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
  readonly docstring: string;
  readonly node: Class;
}

function declaredIn(path: string, text: string): readonly Declared[] {
  const { program, comments } = parseSync(path, text);
  return program.body.flatMap((statement): readonly Declared[] => {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (node?.type !== 'ClassDeclaration' || node.id === null) return [];
    if (node.superClass?.type !== 'Identifier') return [];
    const comment = comments.findLast(({ end }) => end <= statement.start);
    const touches = comment !== undefined && text.slice(comment.end, statement.start).trim() === '';
    return [
      {
        name: node.id.name,
        parent: node.superClass.name,
        abstract: node.abstract ?? false,
        path,
        docstring: touches ? docstring(comment) : '',
        node,
      },
    ];
  });
}

function descends(parent: string, found: ReadonlyMap<string, Declared>): boolean {
  if (parent === base) return true;
  const above = found.get(parent);
  return above !== undefined && descends(above.parent, found);
}

/** @throws Error for a class without a code, a disposition or a docstring */
function read({ name, path, node, docstring: meaning }: Declared): ErrorClass {
  const words = literals(superArguments(node));
  const disposition = words.find(({ text }) => dispositions.includes(text));
  // The code is in the same object as the disposition, or is the argument before it.
  const code =
    words.find(({ key }) => key === 'code') ?? words[words.findIndex((word) => word === disposition) - 1];
  if (!code || !disposition || meaning === '') {
    throw new Error(`${path}: ${name} needs a docstring, and a code and a disposition in its super call`);
  }
  const room = path.split(/[\\/]/u).slice(0, 2).join('/');
  return { code: code.text, name, disposition: disposition.text, meaning, room };
}

/** What the constructor hands to the first `super(...)` in it. */
function superArguments(node: Class): readonly Argument[] {
  const calls: (readonly Argument[])[] = [];
  const visitor = new Visitor({
    CallExpression: ({ callee, arguments: handed }) => {
      if (callee.type === 'Super') calls.push(handed);
    },
  });
  visitor.visit({ type: 'Program', sourceType: 'module', body: [node], hashbang: null, start: 0, end: 0 });
  return calls[0] ?? [];
}

interface Word {
  readonly text: string;
  /** The property that has this text. */
  readonly key?: string;
}

/** The texts among the arguments, including those one level deeper. */
function literals(handed: readonly Argument[]): readonly Word[] {
  return handed.flatMap((argument): readonly Word[] => {
    if (argument.type === 'Literal')
      return typeof argument.value === 'string' ? [{ text: argument.value }] : [];
    if (argument.type !== 'ObjectExpression') return [];
    return argument.properties.flatMap((property) =>
      property.type === 'Property' &&
      property.key.type === 'Identifier' &&
      property.value.type === 'Literal' &&
      typeof property.value.value === 'string'
        ? [{ text: property.value.value, key: property.key.name }]
        : [],
    );
  });
}

/** The text of a block comment that begins with two stars, as one line. */
function docstring({ type, value }: Comment): string {
  if (type !== 'Block' || !value.startsWith('*')) return '';
  return value
    .replaceAll(/^\s*\* ?/gmu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}
