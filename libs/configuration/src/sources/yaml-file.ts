/** YAML files as flat properties, `a.b[0].c` -> text. A later file overrides key by key. */
import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { describeError } from '@federation-agent/base';
import { isPlaceholderItem } from './suspicious-values.ts';
import type { Property } from './properties.ts';

export interface ReadFiles {
  readonly properties: ReadonlyMap<string, Property>;
  readonly mistakes: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * @param names as the user wrote them, relative to `cwd`
 * @param optional a missing file is not a mistake
 */
export async function readYamlFiles(
  names: readonly string[],
  cwd: string,
  { optional }: { readonly optional: boolean },
): Promise<ReadFiles> {
  const properties = new Map<string, Property>();
  const mistakes: string[] = [];
  const warnings: string[] = [];
  for (const name of names) {
    try {
      const bytes = await readFile(resolve(cwd, name));
      const added = isUtf8(bytes)
        ? addText(properties, name, bytes.toString('utf8'))
        : { mistakes: [`${name}: is not UTF-8: save it as UTF-8 (PowerShell: Out-File -Encoding utf8)`] };
      mistakes.push(...added.mistakes);
      warnings.push(...(added.warnings ?? []));
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
      if (optional && code === 'ENOENT') continue;
      mistakes.push(`${name}: cannot be read (${reasons[code] ?? describeError(error)})`);
    }
  }
  return { properties, mistakes, warnings };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder: Docker creates one when the file to mount does not exist on the host',
  EACCES: 'this user may not read it',
};

interface Added {
  readonly mistakes: readonly string[];
  readonly warnings?: readonly string[];
}

function addText(properties: Map<string, Property>, file: string, text: string): Added {
  const lineCounter = new LineCounter();
  // Every scalar is read as text, like a variable: so an account id keeps its leading zero. The message of a syntax
  // error is not used, because it quotes the line, which may have a secret.
  const document = parseDocument(text, {
    schema: 'failsafe',
    customTags: ['merge'],
    merge: true,
    prettyErrors: false,
    lineCounter,
  });
  const mistakes = document.errors.map(({ pos, code }) => {
    const { line, col } = lineCounter.linePos(pos[0]);
    const what = code === 'TAB_AS_INDENT' ? 'a tab cannot indent' : code.toLowerCase().replaceAll('_', ' ');
    return `${file}:${line}:${col}: is not YAML (${what})`;
  });
  if (mistakes.length > 0) return { mistakes };
  const content: unknown = document.toJS();
  if (content === null || content === undefined || content === '')
    return { mistakes, warnings: [`${file}: is empty`] };
  if (typeof content !== 'object' || Array.isArray(content))
    return { mistakes: [`${file}: must hold keys and values`] };
  if (isObject(content) && 'config' in content && isObject(content.config) && 'graviteeYml' in content.config)
    return {
      mistakes: [
        `${file}: is a values file of the Helm chart: put what is below config.graviteeYml into a file of its own`,
      ],
    };
  const warnings: string[] = [];
  for (const [path, value] of flatten(content, '')) {
    if (value === '') {
      // The warning explains why this user will be refused.
      if (path.includes('.users.')) warnings.push(`${path} (${file}): is empty, so this user does not exist`);
      continue;
    }
    // A list may be one text or items. When this file uses the other form, it replaces what an earlier file said.
    if (path.endsWith(']')) properties.delete(path.replace(/\[\d+\]$/u, ''));
    else for (const old of properties.keys()) if (old.startsWith(`${path}[`)) properties.delete(old);
    properties.set(path, { value, origin: `${path} (${file})`, source: `file:${file}` });
  }
  return { mistakes, warnings };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** An empty text means: not set. */
function* flatten(value: unknown, path: string): Generator<readonly [string, string]> {
  if (Array.isArray(value)) {
    const [only] = value as readonly unknown[];
    if (value.length === 1 && typeof only === 'string' && isPlaceholderItem(only)) yield [path, `[${only}]`];
    else for (const [index, item] of value.entries()) yield* flatten(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield* flatten(item, path === '' ? key : `${path}.${key}`);
    }
  } else if (typeof value === 'string') {
    yield [path, /^(~|null)?$/u.test(value) ? '' : value];
  }
}
