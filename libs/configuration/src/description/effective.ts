/** The configuration in force: each value and where it comes from, with secrets masked. */
import type { AgentConfig } from '@federation-agent/contracts';
import { createSecrets } from '@federation-agent/base';
import type { Origin } from '../sources/collect.ts';
import type { SchemaNode } from './schema-tree.ts';

export interface EffectiveValue {
  /** Such as `integration.providers[0].integrationId`. */
  readonly path: string;
  /** The value, masked when it is secret. */
  readonly value: string;
  /** `file:<name>`, `env:<name>`, `default` or `cloud.token`, followed by the references in the value. */
  readonly source: string;
}

const masked = '********';

export interface EffectiveOptions {
  readonly tree: SchemaNode;
  readonly config: AgentConfig;
  readonly origins: ReadonlyMap<string, Origin>;
  /** Paths whose values come from the Cloud Token. */
  readonly derived: readonly string[];
  readonly secrets: readonly string[];
}

/** In the order of the schema. A key that is not set and has no default is left out. */
export function effectiveValues({
  tree,
  config,
  origins,
  derived,
  secrets,
}: EffectiveOptions): readonly EffectiveValue[] {
  const known = createSecrets(secrets);
  const values: EffectiveValue[] = [];

  const show = (path: string, written: readonly string[], value: unknown, secret: boolean): void => {
    const origin = written.map((one) => origins.get(one)).find((one) => one !== undefined);
    const hidden = secret || (origin?.references.length ?? 0) > 0;
    const source = derived.includes(path) ? 'cloud.token' : (origin?.source ?? 'default');
    values.push({
      path,
      value: hidden ? masked : known.redact(typeof value === 'string' ? value : JSON.stringify(value)),
      source: [source, ...(origin?.references ?? [])].join(', '),
    });
  };

  /** @param written paths under which the user may have written this value */
  const visit = (node: SchemaNode, path: string, written: readonly string[], value: unknown): void => {
    if (value === undefined || value === null) return;
    const below = (key: string, to: string): [string, string[]] => [
      path === '' ? to.replace(/^\./u, '') : `${path}${to}`,
      written.map((one) => (one === '' ? key : `${one}${to}`)),
    ];
    switch (node.kind) {
      case 'leaf':
        if (!Array.isArray(value)) show(path, written, value, node.secret);
        for (const [index, item] of Array.isArray(value) ? value.entries() : []) {
          const [to, from] = below('', `[${index}]`);
          // Items of one text with commas come from that text; stages with their own index come from their own keys.
          const whole = written.filter((one) => origins.has(one));
          show(to, [...from, whole[index] ?? whole[0] ?? ''], item, node.secret);
        }
        return;
      case 'array':
        for (const [index, item] of Array.isArray(value) ? value.entries() : []) {
          visit(node.item, ...below('', `[${index}]`), item);
        }
        return;
      case 'map':
        for (const [name, item] of Object.entries(value)) visit(node.item, ...below(name, `.${name}`), item);
        return;
      case 'object': {
        const fields = value as Record<string, unknown>;
        for (const [key, inner] of node.keys) {
          const [to, from] = below(key, `.${key}`);
          const repeated = node.repeatable ? written.flatMap((one) => repeatedPaths(one, key, origins)) : [];
          visit(inner, to, [...from, ...repeated], fields[key]);
        }
      }
    }
  };
  visit(tree, '', [''], config);
  return values;
}

/** What `--print-config` prints: one line per value, and valid YAML. */
export function effectiveText(values: readonly EffectiveValue[]): string {
  return values.map(({ path, value, source }) => `${path}: ${JSON.stringify(value)} # ${source}\n`).join('');
}

/** `configuration[0].stage`: the official pages show an index here that the schema does not have. */
function repeatedPaths(path: string, key: string, origins: ReadonlyMap<string, Origin>): readonly string[] {
  return [...origins.keys()].filter(
    (one) => one.startsWith(`${path}[`) && /^\[\d+\]\.(.*)$/u.exec(one.slice(path.length))?.[1] === key,
  );
}
