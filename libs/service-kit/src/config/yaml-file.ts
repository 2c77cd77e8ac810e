/** YAML files as flat properties, `a.b[0].c` -> text. A later file overrides key by key. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { Property } from './properties.ts';

export interface ReadFiles {
  readonly properties: ReadonlyMap<string, Property>;
  readonly mistakes: readonly string[];
}

/**
 * @param names as the user wrote them, relative to `cwd`
 * @param optional a file that is not there is no mistake
 */
export async function readYamlFiles(
  names: readonly string[],
  cwd: string,
  { optional }: { readonly optional: boolean },
): Promise<ReadFiles> {
  const properties = new Map<string, Property>();
  const mistakes: string[] = [];
  for (const name of names) {
    try {
      const text = await readFile(resolve(cwd, name), 'utf8');
      mistakes.push(...addText(properties, name, text));
    } catch (error) {
      const code =
        typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unreadable';
      if (!(optional && code === 'ENOENT')) {
        mistakes.push(`${name}: cannot be read (${code === 'ENOENT' ? 'there is no such file' : code})`);
      }
    }
  }
  return { properties, mistakes };
}

function addText(properties: Map<string, Property>, file: string, text: string): readonly string[] {
  const lineCounter = new LineCounter();
  // Every scalar is text, as from the environment: an account id keeps its leading zero. The message of a syntax error
  // would quote the line, which may hold a secret.
  const document = parseDocument(text, {
    schema: 'failsafe',
    customTags: ['merge'],
    merge: true,
    prettyErrors: false,
    lineCounter,
  });
  const errors = document.errors.map(({ pos, code }) => {
    const { line, col } = lineCounter.linePos(pos[0]);
    return `${file}:${line}:${col}: is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`;
  });
  if (errors.length > 0) return errors;
  const content: unknown = document.toJS();
  if (content !== null && content !== undefined && content !== '' && typeof content !== 'object') {
    return [`${file}: must hold keys and values`];
  }
  for (const [path, value] of flatten(content, '')) {
    // What this file says in another form replaces what an earlier one said: a list as one text, or item by item.
    if (path.endsWith(']')) properties.delete(path.replace(/\[\d+\]$/u, ''));
    else for (const old of properties.keys()) if (old.startsWith(`${path}[`)) properties.delete(old);
    properties.set(path, { value, origin: `${path} (${file})`, source: `file:${file}` });
  }
  return [];
}

function* flatten(value: unknown, path: string): Generator<readonly [string, string]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* flatten(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield* flatten(item, path === '' ? key : `${path}.${key}`);
    }
  } else if (typeof value === 'string' && !/^(~|null)?$/u.test(value)) {
    yield [path, value];
  }
}
