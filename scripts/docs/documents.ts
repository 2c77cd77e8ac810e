/** The documents that are made from the code, by path. `npm run docs` writes them; a test fails when one is stale. */
import { configurationJsonSchema, configurationReference } from '@federation-agent/service-kit';

export const documents: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': configurationReference,
  'docs/gravitee.schema.json': () => `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`,
};
