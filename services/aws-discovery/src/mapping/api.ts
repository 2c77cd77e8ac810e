/** A catalog entry as APIM takes it. Pure. */
import {
  provider,
  routingKeys,
  type Api,
  type CatalogEntry,
  type Metadata,
  type Page,
} from '@federation-agent/contracts';
import { toPlan } from './plan.ts';

/** The whole API, for INGEST. `notes` are sentences that the description ends with. */
export function toApi(
  entry: CatalogEntry,
  options: {
    readonly nameTemplate: string;
    readonly page?: Page | undefined;
    readonly notes?: readonly string[];
  },
): Api {
  const { nameTemplate, page, notes = [] } = options;
  return {
    ...toPreview(entry, nameTemplate),
    description: [entry.description, ...entryNotes(entry), ...notes].filter(Boolean).join('\n\n'),
    connectionDetails: {
      [routingKeys.account]: entry.account,
      [routingKeys.region]: entry.region,
      [routingKeys.restApiId]: entry.restApiId,
      [routingKeys.stage]: entry.stage,
      [routingKeys.invokeUrl]: entry.invokeUrl,
    },
    pages: page ? [page] : [],
    plans: entry.plans.map(toPlan),
    metadata: metadata(entry),
  };
}

/** What DISCOVER shows: id, name and version. Lists are empty, never null. */
export function toPreview(entry: CatalogEntry, nameTemplate: string): Api {
  return {
    uniqueId: entry.uniqueId,
    id: entry.uniqueId,
    name: apiName(entry, nameTemplate),
    version: entry.version,
    description: '',
    connectionDetails: {},
    type: 'PROXY',
    pages: [],
    plans: [],
    metadata: [],
  };
}

/** `{name}`, `{stage}`, `{region}` and `{account}` filled in; never empty. */
export function apiName(entry: CatalogEntry, nameTemplate: string): string {
  const filled = nameTemplate.replace(/\{(name|stage|region|account)\}/gu, (_, key: string) =>
    key === 'name'
      ? entry.name
      : key === 'stage'
        ? entry.stage
        : key === 'region'
          ? entry.region
          : entry.account,
  );
  return filled.trim() === '' ? entry.uniqueId : filled;
}

/** What whoever subscribes has to know and no other field says. */
function entryNotes(entry: CatalogEntry): string[] {
  return [
    ...(entry.apiKeySource === 'AUTHORIZER'
      ? ['This API takes its key from an authorizer in AWS: it does not read the header x-api-key.']
      : []),
    ...(entry.disableExecuteApiEndpoint
      ? ['Its default endpoint is switched off in AWS: call it under its own domain.']
      : []),
    ...(entry.endpointTypes.includes('PRIVATE') ? ['It can be reached only from inside a VPC.'] : []),
    ...(entry.document.state === 'unavailable'
      ? [`AWS cannot export an OpenAPI document of this stage: ${entry.document.reason}`]
      : []),
  ];
}

/**
 * APIM merges API metadata whose name contains the provider over the routing keys of a subscription, so no tag may bring
 * such a name in.
 */
function metadata(entry: CatalogEntry): Metadata[] {
  const items: Metadata[] = [
    { name: 'Invoke URL', value: entry.invokeUrl, format: 'URL' },
    { name: 'AWS account', value: entry.account, format: 'STRING' },
    { name: 'AWS region', value: entry.region, format: 'STRING' },
    { name: 'REST API id', value: entry.restApiId, format: 'STRING' },
    { name: 'Stage', value: entry.stage, format: 'STRING' },
    { name: 'Endpoint type', value: entry.endpointTypes.join(', '), format: 'STRING' },
    ...Object.entries(entry.tags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]): Metadata => ({ name: `Tag ${key}`, value, format: 'STRING' })),
  ];
  return items.filter(
    ({ name, value }) => value !== '' && !name.toLowerCase().includes(provider) && !name.startsWith('aws.'),
  );
}
