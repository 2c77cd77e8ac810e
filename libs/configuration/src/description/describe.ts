/** Every key with its default and description. The reference and `--help` are made from this. */
import { AgentConfig } from '@federation-agent/contracts';
import { aliases, environmentName } from '../sources/names.ts';
import { schemaTree, type SchemaNode } from './schema-tree.ts';

export interface ConfigurationKey {
  /** Such as `integration.providers[n].integrationId`. */
  readonly path: string;
  /** Its name in the environment; 0 stands for any index. */
  readonly environment: string;
  readonly alias?: string;
  readonly description: string;
  /** Empty: there is no default. */
  readonly fallback: string;
  readonly secret: boolean;
  /** The key is a list, which may also be written as one text with commas. */
  readonly list: boolean;
}

/** All keys of the agent, in the order of the schema. */
export function describeConfiguration(): readonly ConfigurationKey[] {
  return [...keysOf(schemaTree(AgentConfig), '')];
}

function* keysOf(node: SchemaNode, path: string): Generator<ConfigurationKey> {
  switch (node.kind) {
    case 'object':
      for (const [key, inner] of node.keys) yield* keysOf(inner, path === '' ? key : `${path}.${key}`);
      return;
    case 'array':
      yield* keysOf(node.item, `${path}[n]`);
      return;
    case 'map':
      yield* keysOf(node.item, `${path}.<name>`);
      return;
    case 'leaf': {
      const alias = aliases[path];
      yield {
        path,
        environment: environmentName(path.replaceAll('[n]', '[0]')),
        ...(alias !== undefined && { alias }),
        description: node.description ?? '',
        fallback: fallbackText(node.fallback),
        secret: node.secret,
        list: node.list,
      };
    }
  }
}

function fallbackText(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
