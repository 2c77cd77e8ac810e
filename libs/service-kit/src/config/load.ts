import { AgentConfig, checkAgentConfig, type Limits, type ServiceName } from '@federation-agent/contracts';
import { ConfigurationError } from '../errors.ts';
import { fileNames, javaOptionFiles, readArguments } from './arguments.ts';
import { withCloudToken, type WithCloudToken } from './cloud-token.ts';
import { collect, type Collected, type Origin } from './collect.ts';
import { effectiveValues, type EffectiveValue } from './effective.ts';
import { createLiveConfig, type LiveConfig } from './live.ts';
import { environmentName } from './names.ts';
import { pathText, valueAt, withValue } from './paths.ts';
import { openSources } from './properties.ts';
import { schemaTree, type SchemaNode } from './schema-tree.ts';
import { openSecretStore, type SecretStoreOptions } from './secrets/store.ts';
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
  /** Every value, where it comes from, secrets masked. */
  readonly values: readonly EffectiveValue[];
  readonly live: LiveConfig;
  /** Follows the secrets that say `watch`. */
  follow(tell: FollowOptions): { stop(): Promise<void> };
}

export interface FollowOptions {
  /** A new secret, to be redacted from now on; told before anybody uses it. */
  readonly secret: (value: string) => void;
  /** A line: what changed, by its key. */
  readonly changed: (line: string) => void;
  /** A line: a secret cannot be read just now, or its new value cannot be used. The last good one stays. */
  readonly trouble: (line: string) => void;
}

export interface LoadConfigOptions {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Absent: a process that does everything. */
  readonly service?: ServiceName;
  /** Epoch ms, for the end of a Cloud Token. */
  readonly now?: () => number;
  /** Of watched secrets; shorter in tests. */
  readonly pauses?: SecretStoreOptions['pauses'];
}

const defaultFile = 'config/gravitee.yml';
const serviceAccountKey = ['federation', 'kubernetes', 'serviceAccountDir'] as const;

/**
 * The files that `--config`, else `GRAVITEE_CONF`, else `-Dgravitee.conf=` in `JDK_JAVA_OPTIONS` name, else
 * `config/gravitee.yml`; the environment outranks them. `secret://` references are read.
 *
 * @throws ConfigurationError with every mistake at once, each with the key as the user wrote it, never with a value
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { argv, env, cwd, service, now = Date.now } = options;
  const named = filesNamed(argv, env);
  const files = await readYamlFiles(named.length === 0 ? [defaultFile] : named, cwd, {
    optional: named.length === 0,
  });
  const tree = schemaTree(AgentConfig);
  const sources = openSources(files.properties, env);
  const written = collect(tree, sources);
  const serviceAccountDir = valueAt(written.raw, serviceAccountKey);
  const store = openSecretStore({
    env,
    cwd,
    serviceAccountDir:
      typeof serviceAccountDir === 'string'
        ? serviceAccountDir
        : AgentConfig.parse({}).federation.kubernetes.serviceAccountDir,
    ...(options.pauses && { pauses: options.pauses }),
  });
  const references = [...written.origins.values()].flatMap((origin) => origin.references);
  const read = await store.read(references);
  const known = new Map(
    [...read].flatMap(([name, one]) => ('value' in one ? [[name, one.value] as const] : [])),
  );

  const seals = service === undefined || service === 'subscription-manager';
  const evaluate = (secrets: ReadonlyMap<string, string>) => {
    const collected = collect(tree, sources, secrets);
    return { collected, ...check(collected, tree, { seals, now: now() }) };
  };
  const { collected, cloud, mistakes } = evaluate(known);
  const { origins } = collected;
  const scaled = cloud && scaledLimits(env[timeScaleName], cloud.config);
  const lines = [
    ...files.mistakes,
    ...unreadable(origins, read),
    ...mistakes.map(({ path, what }) => `${asWritten(path, origins)}: ${what}`),
    ...(scaled && 'mistake' in scaled ? [scaled.mistake] : []),
  ];
  if (lines.length > 0 || !cloud || !scaled || 'mistake' in scaled) {
    throw new ConfigurationError([...new Set(lines)]);
  }

  const { config, derived } = cloud;
  const secrets = [...collected.secrets, ...passwordsIn(config)];
  const live = createLiveConfig(config);
  return {
    config,
    limits: scaled.limits,
    warnings: [
      ...unknownKeys(sources.unused()),
      ...cloud.warnings.map((warning) => `${asWritten('cloud.token', origins)}: ${warning}`),
    ],
    secrets,
    values: effectiveValues({ tree, config, origins, derived, secrets }),
    live,
    follow: (tell) => {
      // The latest of each reference; what cannot be used is said once, and the last good ones stay.
      const latest = new Map(known);
      return store.follow(references, {
        trouble: (reference, why) => tell.trouble(`${reference}: ${why}`),
        values: (values) => {
          const changed = [...values].filter(([reference, value]) => latest.get(reference) !== value);
          if (changed.length === 0) return;
          for (const [reference, value] of changed) latest.set(reference, value);
          const next = evaluate(latest);
          for (const secret of next.collected.secrets) tell.secret(secret);
          if (!next.cloud || next.mistakes.length > 0) {
            for (const { path, what } of next.mistakes) tell.trouble(`${asWritten(path, origins)}: ${what}`);
            return;
          }
          const paths = [...origins].flatMap(([path, origin]) =>
            origin.references.some((one) => latest.get(one) !== known.get(one)) ? [path] : [],
          );
          for (const [reference, value] of latest) known.set(reference, value);
          const fromToken = paths.includes('cloud.token') ? next.cloud.derived : [];
          live.replace(next.cloud.config, [...paths, ...fromToken]);
          tell.changed(paths.map((path) => asWritten(path, origins)).join(', '));
        },
      });
    },
  };
}

function filesNamed(argv: readonly string[], env: LoadConfigOptions['env']): readonly string[] {
  const byFlag = readArguments(argv).config;
  if (byFlag) return byFlag;
  const byVariable = fileNames(env['GRAVITEE_CONF'] ?? '');
  return byVariable.length > 0 ? byVariable : javaOptionFiles(env['JDK_JAVA_OPTIONS'] ?? '');
}

/** A line for each value with a reference that cannot be read. */
function unreadable(
  origins: ReadonlyMap<string, Origin>,
  read: ReadonlyMap<string, { readonly value: string } | { readonly mistake: string }>,
): readonly string[] {
  return [...origins.values()].flatMap(({ written, references }) =>
    references.flatMap((reference) => {
      const one = read.get(reference);
      return one && 'mistake' in one ? [`${written}: ${reference} cannot be read: ${one.mistake}`] : [];
    }),
  );
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Mistake {
  readonly path: string;
  readonly what: string;
}

/** All mistakes: those of single keys, and those between keys, which are looked for as if the single ones were right. */
function check(
  { raw, unread }: Collected,
  tree: SchemaNode,
  { seals, now }: { readonly seals: boolean; readonly now: number },
): { readonly cloud: WithCloudToken | undefined; readonly mistakes: readonly Mistake[] } {
  const first = AgentConfig.safeParse(raw);
  const issues = (first.error?.issues ?? []).map(({ path, message }) => ({
    path: writtenPath(path, raw),
    message,
  }));
  const single = issues.map((issue) => mistakeOf(issue, raw));
  // Backwards: an item that is taken out of a list moves those behind it.
  const mended = issues
    .toReversed()
    .reduce((value, { path }) => withValue(value, path, exampleAt(tree, path)), raw);
  const parsed = first.data ?? AgentConfig.safeParse(mended).data;
  const cloud = parsed && withCloudToken(parsed, now);
  const wrong = new Set(single.map(({ path }) => path));
  const between = (cloud ? checkAgentConfig(cloud.config, { seals }) : []).flatMap((line) => {
    const at = line.indexOf(': ');
    const path = line.slice(0, at);
    return wrong.has(path) || wrong.has(path.replace(/\[\d+\]$/u, ''))
      ? []
      : [{ path, what: line.slice(at + 2) }];
  });
  const token = (cloud?.mistakes ?? []).map((what) => ({ path: 'cloud.token', what }));
  // What is wrong with a value that could not be read has been said.
  const mistakes = [...single, ...token, ...between].filter(
    ({ path }) => !unread.has(path) && !unread.has(path.replace(/\[\d+\]$/u, '')),
  );
  return { cloud, mistakes };
}

/** The key as the user wrote it; of an item of a list that was one text, the list's; of an absent one, how to write it. */
function asWritten(path: string, origins: ReadonlyMap<string, Origin>): string {
  const origin = origins.get(path) ?? origins.get(path.replace(/\[\d+\]$/u, ''));
  return origin?.written ?? `${path} (${environmentName(path)})`;
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

/** Passwords and tokens inside the URLs of the broker and of the endpoints. */
function passwordsIn({ federation, integration }: AgentConfig): readonly string[] {
  return [...fileNames(federation.broker.url ?? ''), ...integration.connector.ws.endpoints].flatMap((url) => {
    if (!URL.canParse(url)) return [];
    const { username, password } = new URL(url);
    const secret = password === '' ? username : password;
    return secret === '' ? [] : [decodeURIComponent(secret)];
  });
}
