import type { z } from 'zod';
import { AgentConfig, checkAgentConfig, type Limits, type ServiceName } from '@federation-agent/contracts';
import { ConfigurationError } from '../errors.ts';
import { fileNames, readArguments } from './arguments.ts';
import { collect } from './collect.ts';
import { environmentName } from './names.ts';
import { pathText, valueAt, withValue } from './paths.ts';
import { openSources } from './properties.ts';
import { schemaTree, type SchemaNode } from './schema-tree.ts';
import { scaledLimits, timeScaleName } from './time-scale.ts';
import { unknownKeys } from './unknown-keys.ts';
import { readYamlFiles } from './yaml-file.ts';

/** A configuration that holds. */
export interface LoadedConfig {
  readonly config: AgentConfig;
  readonly limits: Limits;
  /** Unknown keys and the like, a line each. */
  readonly warnings: readonly string[];
  /** Values of the keys that hold secrets, for redaction. */
  readonly secrets: readonly string[];
}

export interface LoadConfigOptions {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Absent: a process that does everything. */
  readonly service?: ServiceName;
}

const defaultFile = 'config/gravitee.yml';

/**
 * `config/gravitee.yml`, else the files that `GRAVITEE_CONF` or `--config` name; the environment outranks them.
 *
 * @throws ConfigurationError with every mistake at once, each with the key as the user wrote it, never with a value
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { argv, env, cwd, service } = options;
  const named = readArguments(argv).config ?? fileNames(env['GRAVITEE_CONF'] ?? '');
  const optional = named.length === 0;
  const files = await readYamlFiles(optional ? [defaultFile] : named, cwd, { optional });

  const tree = schemaTree(AgentConfig);
  const sources = openSources(files.properties, env);
  const { raw, origins, secrets } = collect(tree, sources);
  const seals = service === undefined || service === 'subscription-manager';
  const { config, mistakes } = check(raw, tree, seals);
  const scaled = config && scaledLimits(env[timeScaleName], config);
  const lines = [
    ...files.mistakes,
    ...mistakes.map(({ path, what }) => `${asWritten(path, origins)}: ${what}`),
    ...(scaled && 'mistake' in scaled ? [scaled.mistake] : []),
  ];
  if (lines.length > 0 || !scaled || 'mistake' in scaled) throw new ConfigurationError(lines);
  return {
    config,
    limits: scaled.limits,
    warnings: unknownKeys(sources.unused()),
    secrets: [...secrets, ...passwordsIn(config.federation.broker.url)],
  };
}

interface Mistake {
  readonly path: string;
  readonly what: string;
}

/** All mistakes: those of single keys, and those between keys, which are looked for as if the single ones were right. */
function check(
  raw: unknown,
  tree: SchemaNode,
  seals: boolean,
): { readonly config: AgentConfig | undefined; readonly mistakes: readonly Mistake[] } {
  const first = AgentConfig.safeParse(raw);
  const issues = first.error?.issues ?? [];
  const single = issues.map((issue) => mistakeOf(issue, raw));
  const mended = issues.reduce((value, { path }) => withValue(value, path, exampleAt(tree, path)), raw);
  const config = first.data ?? AgentConfig.safeParse(mended).data;
  const wrong = new Set(single.map(({ path }) => path));
  const between = (config ? checkAgentConfig(config, { seals }) : []).flatMap((line) => {
    const at = line.indexOf(': ');
    const path = line.slice(0, at);
    return wrong.has(path) ? [] : [{ path, what: line.slice(at + 2) }];
  });
  return { config, mistakes: [...single, ...between] };
}

/** The key as the user wrote it; of an item of a list that was one text, the list's; of an absent one, how to write it. */
function asWritten(path: string, origins: ReadonlyMap<string, string>): string {
  const origin = origins.get(path) ?? origins.get(path.replace(/\[\d+\]$/u, ''));
  return origin ?? `${path} (${environmentName(path)})`;
}

function mistakeOf({ path, message }: z.core.$ZodIssue, raw: unknown): Mistake {
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

/** Passwords and tokens inside the broker's URLs. */
function passwordsIn(urls: string | undefined): readonly string[] {
  return fileNames(urls ?? '').flatMap((url) => {
    if (!URL.canParse(url)) return [];
    const { username, password } = new URL(url);
    const secret = password === '' ? username : password;
    return secret === '' ? [] : [decodeURIComponent(secret)];
  });
}
