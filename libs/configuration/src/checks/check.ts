/** All mistakes in the collected configuration, each with its path. */
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
  /** Undefined: the configuration could not be checked, not even without the keys that are wrong. */
  readonly cloud: WithCloudToken | undefined;
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

export interface CheckOptions {
  readonly seals: boolean;
  /** Epoch ms. */
  readonly now: number;
  /** Checks that need more than the keys; returns lines in the form of `checkAgentConfig`. */
  readonly more: (config: AgentConfig) => readonly string[];
}

/** Mistakes of single keys, and mistakes between keys. For the second kind the wrong single keys are left out first. */
export function check(collected: Collected, tree: SchemaNode, { seals, now, more }: CheckOptions): Checked {
  const { raw, unread, suspicions } = collected;
  const first = AgentConfig.safeParse(raw);
  const issues = (first.error?.issues ?? []).map(({ path, message }) => ({
    path: writtenPath(path, raw),
    message,
  }));
  const invalid = issues.map((issue) => mistakeOf(issue, raw));
  // Backwards: removing an item from a list moves the items behind it.
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

  // One line per key is enough. A value that could not be read already has its line.
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
 * A line about a path, with the key as the user wrote it. For an item of a list that was written as one text it names
 * the list; for an absent key it says how to write it. A path that is not a key of ours is a variable, such as
 * `HTTPS_PROXY`.
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

/** The list that an item belongs to. */
function wholeOf(path: string): string {
  return path.replace(/\[\d+\]$/u, '');
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** When a list was written as one text, the text has the value and its items have none. */
function writtenPath(path: readonly PropertyKey[], raw: unknown): readonly PropertyKey[] {
  const above = path.slice(0, -1);
  return typeof valueAt(raw, above) === 'string' ? above : path;
}

function mistakeOf({ path, message }: Issue, raw: unknown): Mistake {
  const missing = valueAt(raw, path) === undefined;
  return { path: pathText(path), what: missing ? 'required' : message };
}

/** A valid value for this path; undefined: the key is optional. */
function exampleAt(tree: SchemaNode, path: readonly PropertyKey[]): string | undefined {
  const node = path.reduce<SchemaNode | undefined>((at, key) => {
    if (at?.kind === 'object') return at.keys.get(String(key));
    return at?.kind === 'array' || at?.kind === 'map' ? at.item : undefined;
  }, tree);
  return node?.kind === 'leaf' ? node.example : undefined;
}
