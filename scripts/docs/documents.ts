/** The documents that are made from the code, by path. `npm run docs` writes them; a test fails when one is stale. */
import { fileURLToPath } from 'node:url';
import { configurationJsonSchema, configurationReference } from '@federation-agent/configuration';
import { errorsDocument } from './errors.ts';
import { eventsDocument } from './events.ts';
import { format } from './markdown.ts';
import { metricsDocument } from './metrics.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

export const documents: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/configuration.md': () => format(configurationReference()),
  'docs/gravitee.schema.json': () => `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`,
  'docs/events.md': () => eventsDocument(),
  'docs/errors.md': () => errorsDocument(checkout),
  'docs/metrics.md': () => metricsDocument(checkout),
};
