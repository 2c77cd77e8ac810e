/** All mistakes of what was collected, each with its path. */
import { AgentConfig, checkAgentConfig } from '@federation-agent/contracts';
import { withCloudToken, type WithCloudToken } from './cloud-token.ts';
import type { Collected, Origin } from '../sources/collect.ts';
import { environmentName } from '../sources/names.ts';
import { pathText, valueAt, withValue } from '../sources/paths.ts';
import type { SchemaNode } from '../description/schema-tree.ts';

export interface Mistake {
  readonly path: string;
  readonly what: string;
}

export interface Checked {
  /** Undefined: not even as if the single mistakes were none. */
  readonly cloud: WithCloudToken | undefined;
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

export interface CheckOptions {
  readonly seals: boolean;
  /** Epoch ms. */
  readonly now: number;
  /** Looks at more than the keys: lines as of `checkAgentConfig`. */
  readonly more: (config: AgentConfig) => readonly string[];
}

/** Those of single keys, and those between keys, which are looked for as if the single ones were right. */
export function check(collected: Collected, tree: SchemaNode, { seals, now, more }: CheckOptions): Checked {
  const { raw, unread, suspicions } = collected;
  const first = AgentConfig.safeParse(raw);
  const issues = (first.error?.issues ?? []).map(({ path, message }) => ({
    path: writtenPath(path, raw),
    message,
  }));
  const invalid = issues.map((issue) => mistakeOf(issue, raw));
  // Backwards: an item that is taken out of a list moves those behind it.
  const mended = issues
    .toReversed()
    .reduce((value, { path }) => withValue(value, path, exampleAt(tree, path)), raw);
  const parsed = first.data ?? AgentConfig.safeParse(mended).data;
  const cloud = parsed && withCloudToken(parsed, now, suspicions.get('cloud.token'));
  const suspicious = [...suspicions].flatMap(([path, what]) =>
    path === 'cloud.token' ? [] : [{ path, what }],
  );
  const token = (cloud?.mistakes ?? []).map((what) => ({ path: 'cloud.token', what }));
  const between = cloud ? [...checkAgentConfig(cloud.config, { seals }), ...more(cloud.config)] : [];

  // The first thing that is said about a key is enough; of a value that could not be read it has been said.
  const said = new Set(unread);
  const mistakes: Mistake[] = [];
  for (const group of [suspicious, invalid, token, between.map(parseMistakeLine)]) {
    mistakes.push(...group.filter(({ path }) => !said.has(path) && !said.has(wholeOf(path))));
    for (const { path } of group) said.add(path);
  }
  return {
    cloud,
    mistakes,
    warnings: [
      ...(unread.has('cloud.token') ? [] : (cloud?.warnings ?? [])).map((what) => ({
        path: 'cloud.token',
        what,
      })),
      ...collected.nameless.map((path) => ({ path, what: 'is not sent: its name is missing' })),
    ],
  };
}

/**
 * A line about a path, with the key as the user wrote it; of an item of a list that was one text, the list's; of an
 * absent one, how to write it. What is no key of ours is a variable, such as `HTTPS_PROXY`.
 */
export function mistakeLine({ path, what }: Mistake, origins: ReadonlyMap<string, Origin>): string {
  return `${keyAsWritten(path, origins)}: ${what}`;
}

export function keyAsWritten(path: string, origins: ReadonlyMap<string, Origin>): string {
  const origin = origins.get(path) ?? origins.get(wholeOf(path));
  if (origin) return origin.written;
  return /[.[]/u.test(path) ? `${path} (${environmentName(path)})` : path;
}

export function parseMistakeLine(line: string): Mistake {
  const at = line.indexOf(': ');
  return { path: line.slice(0, at), what: line.slice(at + 2) };
}

/** The list of an item. */
function wholeOf(path: string): string {
  return path.replace(/\[\d+\]$/u, '');
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The item of a list that was written as one text has no value of its own: the text has. */
function writtenPath(path: readonly PropertyKey[], raw: unknown): readonly PropertyKey[] {
  const above = path.slice(0, -1);
  return typeof valueAt(raw, above) === 'string' ? above : path;
}

function mistakeOf({ path, message }: Issue, raw: unknown): Mistake {
  const missing = valueAt(raw, path) === undefined;
  return { path: pathText(path), what: missing ? 'required' : message };
}

/** A value that would do at this path; undefined: it may be left out. */
function exampleAt(tree: SchemaNode, path: readonly PropertyKey[]): string | undefined {
  const node = path.reduce<SchemaNode | undefined>((at, key) => {
    if (at?.kind === 'object') return at.keys.get(String(key));
    return at?.kind === 'array' || at?.kind === 'map' ? at.item : undefined;
  }, tree);
  return node?.kind === 'leaf' ? node.example : undefined;
}
