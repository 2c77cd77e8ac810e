/** The JSON schema of `gravitee.yml`, for editors that complete and check. */
import { z } from 'zod';
import { AgentConfig } from '@federation-agent/contracts';
import { schemaTree, type SchemaNode } from './schema-tree.ts';

type JsonSchema = Record<string, unknown>;

export function configurationJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(AgentConfig, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const { secret, example } = jsonSchema;
      // A text may be a `secret://` reference, so its form is not checked.
      for (const key of [
        'secret',
        'example',
        'endsWithout',
        'pattern',
        'format',
        'minLength',
        'default',
        'propertyNames',
      ])
        Reflect.deleteProperty(jsonSchema, key);
      if (secret === true) jsonSchema.writeOnly = true;
      if (example !== undefined) jsonSchema.examples = [example];
      // Every value may come from another file or from the environment.
      Reflect.deleteProperty(jsonSchema, 'required');
    },
  });
  addDefaults(schema, schemaTree(AgentConfig));
  return {
    ...schema,
    title: 'gravitee.yml of the federation agent for Amazon API Gateway',
  };
}

function addDefaults(schema: unknown, node: SchemaNode): void {
  if (typeof schema !== 'object' || schema === null) return;
  const at = schema as JsonSchema;
  switch (node.kind) {
    case 'leaf':
      if (node.fallback !== undefined) at['default'] = node.fallback;
      return;
    case 'array':
      addDefaults(at['items'], node.item);
      return;
    case 'map':
      addDefaults(at['additionalProperties'], node.item);
      return;
    case 'object':
      for (const [key, inner] of node.keys) {
        const properties = at['properties'];
        addDefaults(
          typeof properties === 'object' ? (properties as JsonSchema | null)?.[key] : undefined,
          inner,
        );
      }
  }
}
