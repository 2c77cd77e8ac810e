import { AgentConfig, type Limits, type ServiceName } from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';
import { fileNames, javaOptionFiles, readArguments } from './sources/arguments.ts';
import { keyAsWritten, check, parseMistakeLine, mistakeLine } from './checks/check.ts';
import { collect, type Origin } from './sources/collect.ts';
import { connectionMistakes, connectionWarnings } from './checks/connections.ts';
import { effectiveValues, type EffectiveValue } from './description/effective.ts';
import { createLiveConfig, isLive, type LiveConfig } from './live.ts';
import { valueAt } from './sources/paths.ts';
import { openSources } from './sources/properties.ts';
import { schemaTree } from './description/schema-tree.ts';
import { openSecretStore, type SecretStoreOptions } from './secrets/store.ts';
import { scaledLimits, timeScaleName } from './time-scale.ts';
import { unknownKeys } from './checks/unknown-keys.ts';
import { readYamlFiles } from './sources/yaml-file.ts';

/** A valid configuration. */
export interface LoadedConfig {
  readonly config: AgentConfig;
  readonly limits: Limits;
  /** Unknown keys and other warnings, one line each. */
  readonly warnings: readonly string[];
  /** Values of keys that hold secrets, for redaction. */
  readonly secrets: readonly string[];
  /** Every value and where it comes from, with secrets masked. */
  readonly values: readonly EffectiveValue[];
  readonly live: LiveConfig;
  /** Follows the secrets that say `watch`. */
  follow(listener: FollowListener): { stop(): Promise<void> };
}

export interface FollowListener {
  /** Called with a new secret before anybody uses it: redact it from now on. */
  readonly secret: (value: string) => void;
  /** Called with a line: which key changed and takes effect now. */
  readonly changed: (line: string) => void;
  /** Called with a line: which key changed and takes effect at the next start. */
  readonly atNextStart: (line: string) => void;
  /** Called with a line: a secret cannot be read now, or its new value cannot be used. The last good one stays. */
  readonly trouble: (line: string) => void;
}

export interface LoadConfigOptions {
  /** Without the name of the program. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Absent: a process with all services. */
  readonly service?: ServiceName;
  /** Epoch ms; for the expiry of a Cloud Token. */
  readonly now?: () => number;
  /** For watched secrets; shorter in tests. */
  readonly pauses?: SecretStoreOptions['pauses'];
}

const defaultFile = 'config/gravitee.yml';
const serviceAccountKey = ['federation', 'kubernetes', 'serviceAccountDir'] as const;

/**
 * Reads the files from `--config`, or else from `GRAVITEE_CONF`, or else from `-Dgravitee.conf=` in `JDK_JAVA_OPTIONS`,
 * or else `config/gravitee.yml`. The environment overrides them. It also reads `secret://` references.
 *
 * @throws ConfigurationError with every mistake at once, each with the key as the user wrote it, never with a value
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { argv, env, cwd, service, now = Date.now } = options;
  const files = await configurationFiles({ argv, env, cwd });
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
  const evaluate = (
    secrets: ReadonlyMap<string, string>,
    more: (config: AgentConfig) => readonly string[] = () => [],
  ) => {
    const collected = collect(tree, sources, secrets);
    return { collected, ...check(collected, tree, { seals, now: now(), more }) };
  };
  const { collected, cloud, mistakes, warnings } = evaluate(known, (config) =>
    connectionMistakes(config, { env, service }),
  );
  const { origins } = collected;
  const scaled = cloud && scaledLimits(env[timeScaleName], cloud.config);
  const hints = [
    ...files.warnings,
    ...warnings.map((warning) => mistakeLine(warning, origins)),
    ...unknownKeys(sources.unused()),
  ];
  const lines = [
    ...files.mistakes,
    ...unreadable(origins, read),
    ...mistakes.map((mistake) => mistakeLine(mistake, origins)),
    ...(scaled && 'mistake' in scaled ? [scaled.mistake] : []),
  ];
  if (lines.length > 0 || !cloud || !scaled || 'mistake' in scaled) {
    // An unknown key is often the reason why a key is missing.
    throw new ConfigurationError([...new Set([...lines, ...hints])]);
  }

  const { config, derived } = cloud;
  const stale = connectionWarnings(config, { service, now: now() });
  const secrets = [...collected.secrets, ...passwordsIn(config)];
  const live = createLiveConfig(config);
  return {
    config,
    limits: withEventAge(scaled.limits, config),
    warnings: [...hints, ...stale.map((line) => mistakeLine(parseMistakeLine(line), origins))],
    secrets,
    values: effectiveValues({ tree, config, origins, derived, secrets }),
    live,
    follow: (listener) => {
      // The latest value of each reference. A value that cannot be used is reported once, and the last good values
      // stay.
      const latest = new Map(known);
      return store.follow(references, {
        trouble: (reference, why) => listener.trouble(`${reference}: ${why}`),
        values: (values) => {
          const changed = [...values].filter(([reference, value]) => latest.get(reference) !== value);
          if (changed.length === 0) return;
          for (const [reference, value] of changed) latest.set(reference, value);
          const next = evaluate(latest);
          for (const secret of next.collected.secrets) listener.secret(secret);
          if (!next.cloud || next.mistakes.length > 0) {
            for (const mistake of next.mistakes) listener.trouble(mistakeLine(mistake, origins));
            return;
          }
          const paths = [...origins].flatMap(([path, origin]) =>
            origin.references.some((one) => latest.get(one) !== known.get(one)) ? [path] : [],
          );
          for (const [reference, value] of latest) known.set(reference, value);
          const fromToken = paths.includes('cloud.token') ? next.cloud.derived : [];
          live.replace(next.cloud.config, [...paths, ...fromToken]);
          const keys = (which: (path: string) => boolean): string =>
            paths
              .filter(which)
              .map((path) => keyAsWritten(path, origins))
              .join(', ');
          const [used, later] = [keys(isLive), keys((path) => !isLive(path))];
          if (used !== '') listener.changed(used);
          if (later !== '') listener.atNextStart(later);
        },
      });
    },
  };
}

/** EVENTS is kept for as long as configured. The time scale of tests holds for it too. */
function withEventAge(limits: Limits, { federation }: AgentConfig): Limits {
  const defaultDays = AgentConfig.parse({}).federation.events.days;
  return { ...limits, eventAge: (limits.eventAge / defaultDays) * federation.events.days };
}

/** The files that the command line, the environment or the default names. */
export function configurationFiles({
  argv,
  env,
  cwd,
}: Pick<LoadConfigOptions, 'argv' | 'env' | 'cwd'>): ReturnType<typeof readYamlFiles> {
  const named = filesNamed(argv, env);
  const optional = named.length === 0;
  return readYamlFiles(optional ? [defaultFile] : named, cwd, { optional });
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

/** Passwords and tokens in the URLs of the broker and of the endpoints. */
function passwordsIn({ federation, integration }: AgentConfig): readonly string[] {
  return [...fileNames(federation.broker.url ?? ''), ...integration.connector.ws.endpoints].flatMap((url) => {
    if (!URL.canParse(url)) return [];
    const { username, password } = new URL(url);
    const secret = password === '' ? username : password;
    return secret === '' ? [] : [decodeURIComponent(secret)];
  });
}
