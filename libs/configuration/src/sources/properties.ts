/** Where each value comes from: keys of files, overridden by variables of the environment. */
import { aliases, relaxedNames, withoutPrefix } from './names.ts';
import { withVariables } from './variables.ts';

export interface Property {
  readonly value: string;
  /** The key as the user wrote it, and where. */
  readonly origin: string;
  /** `file:config/gravitee.yml` or `env:gravitee_cloud_token`. */
  readonly source: string;
}

export interface Sources {
  /** The value, with `${..}` replaced. */
  find(path: string): Property | undefined;
  /** Whether it is in the environment, which overrides files. */
  inEnvironment(path: string): boolean;
  /** Ignores the items of a list in files: the environment has the whole list. */
  overridden(path: string): void;
  /**
   * For a map whose names the user chooses: the names that are set. A variable in upper case means a name in lower
   * case.
   */
  namesUnder(path: string): readonly string[];
  /** Keys that nobody has read. */
  unused(): readonly UnusedKey[];
}

export interface UnusedKey {
  /** The key as the user wrote it, and where. */
  readonly origin: string;
  /** A form that can be compared with paths. */
  readonly like: string;
  readonly inEnvironment: boolean;
}

/** A blank value counts as not set: compose files pass `${AWS_ROLE_ARN:-}`. */
const isSet = (value: string | undefined): value is string => value !== undefined && value.trim() !== '';

export function openSources(
  files: ReadonlyMap<string, Property>,
  environment: Readonly<Record<string, string | undefined>>,
): Sources {
  const variables = new Map<string, Property>();
  for (const [name, value] of Object.entries(environment)) {
    const bare = withoutPrefix(name);
    if (bare !== undefined && isSet(value))
      variables.set(bare, { value, origin: name, source: `env:${name}` });
  }
  const lettersOfVariables = new Set([...variables.keys()].map(lettersOf));
  const used = new Set<string>();

  const variable = (path: string): Property | undefined => {
    // Most keys are in no variable: that is found out first, since a key has many names.
    for (const name of lettersOfVariables.has(lettersOf(path)) ? relaxedNames(path) : []) {
      const found = variables.get(name);
      if (found) {
        used.add(name);
        return found;
      }
    }
    const alias = aliases[path];
    const value = alias === undefined ? undefined : environment[alias];
    return alias !== undefined && isSet(value) ? { value, origin: alias, source: `env:${alias}` } : undefined;
  };
  const aliasNames = new Set(Object.values(aliases));

  const find = (path: string): Property | undefined => {
    const inFile = files.get(path);
    if (inFile) used.add(path);
    return variable(path) ?? (inFile && isSet(inFile.value) ? inFile : undefined);
  };
  const lookUp = (name: string): string | undefined => find(name)?.value ?? environment[name];

  return {
    find: (path) => {
      const found = find(path);
      const value = found && withVariables(found.value, lookUp);
      return found && value !== undefined && isSet(value) ? { ...found, value } : undefined;
    },
    namesUnder: (path) => {
      const inFiles = [...files.keys()].flatMap((key) =>
        key.startsWith(`${path}.`) ? [key.slice(path.length + 1)] : [],
      );
      const starts = relaxedNames(path).flatMap((name) => [`${name}_`, `${name}.`]);
      const inVariables = [...variables.keys()].flatMap((key) => {
        const start = starts.find((one) => key.startsWith(one));
        if (start === undefined) return [];
        const name = key.slice(start.length);
        return [start === start.toUpperCase() ? name.toLowerCase() : name];
      });
      return [...new Set([...inFiles, ...inVariables])].filter(Boolean);
    },
    overridden: (path) => {
      for (const key of files.keys()) if (key.startsWith(`${path}[`)) used.add(key);
    },
    inEnvironment: (path) => variable(path) !== undefined,
    unused: () => [
      ...[...files].flatMap(([path, { origin }]) =>
        used.has(path) ? [] : [{ origin, like: path, inEnvironment: false }],
      ),
      ...[...variables].flatMap(([name, { origin }]) =>
        used.has(name) || aliasNames.has(origin) || isOfKubernetes(origin, environment)
          ? []
          : [{ origin, like: name, inEnvironment: true }],
      ),
      ...Object.keys(environment).flatMap((origin) =>
        withoutPrefix(origin) === undefined && /^gravitee[_.]/iu.test(origin) && isSet(environment[origin])
          ? [{ origin, like: origin.slice('gravitee_'.length), inEnvironment: true }]
          : [],
      ),
    ],
  };
}

/** All names of a key have the same. */
const lettersOf = (name: string): string => name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();

/**
 * Kubernetes sets variables for each service of the namespace. A service named `gravitee-cloud` makes
 * `GRAVITEE_CLOUD_PORT`.
 */
function isOfKubernetes(name: string, environment: Readonly<Record<string, string | undefined>>): boolean {
  const service = /^(?<service>[A-Z0-9_]+?)_(?:SERVICE_|PORT)/u.exec(name)?.groups?.['service'];
  return service !== undefined && environment[`${service}_SERVICE_HOST`] !== undefined;
}
