/** A catalog entry as APIM takes it, with texts that fit into APIM's store. Pure. */
import {
  routingKeys,
  widthOf,
  withNotes,
  type Api,
  type CatalogEntry,
  type Metadata,
  type Page,
  type PreviewApi,
} from '@federation-agent/contracts';
import { changedTexts, fullTextsNote, type ChangedText } from './changed-texts.ts';
import { fitOne } from './fit.ts';
import { toMetadata } from './metadata.ts';
import { toPlans } from './plan.ts';
import { withServers, workingUrls } from './servers.ts';
import { apiName, groupOf, versionOf, type Showing } from './template.ts';

export interface MappedApi {
  readonly api: Api;
  /**
   * Texts that do not fit into APIM's store. Their full form is in a description, where that has room, or in the
   * document.
   */
  readonly changed: readonly ChangedText[];
}

/** The whole API, for INGEST. */
export function toApi(
  entry: CatalogEntry,
  options: Showing & { readonly page?: Page | undefined },
): MappedApi {
  const page = options.page && withServers(options.page, entry, options);
  const preview = toPreview(entry, options);
  const { plans, changed: ofPlans } = toPlans(entry.plans, entry);
  const { metadata, changed: ofMetadata } = toMetadata(facts(entry, options));
  const [invokeUrl] = workingUrls(entry, options);
  const own = [
    ...changedTexts('api.name', [apiName(entry, options)], [preview.name]),
    ...changedTexts('api.version', [versionOf(entry, options)], [preview.version]),
    ...ofMetadata,
  ];
  const notes = entryNotes(entry, options);
  const described = withNotes(entry.description, notes);
  const room = widthOf('api.description') - described.length - 2;
  const api: Api = {
    ...preview,
    description: [described, fullTextsNote(own, room)].filter(Boolean).join('\n\n'),
    connectionDetails: {
      [routingKeys.account]: entry.account,
      [routingKeys.region]: entry.region,
      [routingKeys.restApiId]: entry.restApiId,
      [routingKeys.stage]: entry.stage,
      ...(invokeUrl !== undefined && { [routingKeys.invokeUrl]: invokeUrl }),
    },
    type: 'PROXY',
    pages: page ? [page] : [],
    plans,
    metadata,
  };
  const isCut = [entry.description, ...notes].filter(Boolean).join('\n\n') !== described;
  const description: ChangedText = { field: 'api.description', whole: entry.description, sent: described };
  return { api, changed: [...own, ...(isCut ? [description] : []), ...ofPlans] };
}

/** When a name is cut, its end is kept: the template usually puts the stage there. */
const nameTail = 160;

/** What DISCOVER shows. */
export function toPreview(entry: CatalogEntry, showing: Showing): PreviewApi {
  const version = versionOf(entry, showing);
  return {
    uniqueId: entry.uniqueId,
    id: entry.uniqueId,
    name: fitOne('api.name', { text: apiName(entry, showing), identity: entry.uniqueId }, () => nameTail),
    version: fitOne('api.version', { text: version, identity: version }),
  };
}

/** What a subscriber must know and no other field says. */
function entryNotes(entry: CatalogEntry, showing: Showing): string[] {
  const [address] = showing.customDomains ? (entry.addresses ?? []) : [];
  const { document } = entry;
  const authorizers = (document.state === 'stored' && document.facts?.authorizers) || [];
  return [
    ...(entry.apiKeySource === 'AUTHORIZER'
      ? ['This API takes its key from an authorizer in AWS: it ignores the header x-api-key.']
      : []),
    ...(entry.disableExecuteApiEndpoint
      ? [
          address
            ? `Its default endpoint is switched off in AWS: call it at ${address.url}.`
            : 'Its default endpoint is switched off in AWS: call it under its own domain.',
        ]
      : []),
    ...(entry.apiType === 'HTTP' && authorizers.length > 0
      ? [`Its authorizers: ${authorizers.join('; ')}.`]
      : []),
    ...(entry.endpointTypes.includes('PRIVATE') ? ['It can be reached only from inside a VPC.'] : []),
    ...(entry.document.state === 'unavailable'
      ? [`AWS cannot export an OpenAPI document of this stage: ${entry.document.reason}`]
      : []),
  ];
}

/** The metadata: facts from us, then the tags. */
function facts(entry: CatalogEntry, showing: Showing): Metadata[] {
  const [first = '', ...others] = workingUrls(entry, showing);
  const text = (name: string, value = ''): Metadata => ({ name, value, format: 'STRING' });
  const tag = (key: string | undefined): string => (key === undefined ? '' : (entry.tags[key] ?? ''));
  const routes = (entry.document.state === 'stored' && entry.document.facts?.routes) || [];
  return [
    { name: 'Invoke URL', value: first, format: 'URL' },
    text('Other URLs', others.join(', ')),
    { name: 'AWS account', value: entry.account, format: 'STRING' },
    { name: 'AWS region', value: entry.region, format: 'STRING' },
    text(entry.apiType === undefined ? 'REST API id' : 'API id', entry.restApiId),
    text('API type', entry.apiType === 'WEBSOCKET' ? 'WebSocket' : entry.apiType),
    text('API group', groupOf(entry, showing)),
    text('Owner', tag(showing.ownerTag)),
    text('Contact', tag(showing.contactTag)),
    text('CORS', entry.cors),
    text('Routes', routes.join(', ')),
    { name: 'Stage', value: entry.stage, format: 'STRING' },
    { name: 'Endpoint type', value: entry.endpointTypes.join(', '), format: 'STRING' },
    ...Object.entries(entry.tags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]): Metadata => ({ name: `Tag ${key}`, value, format: 'STRING' })),
  ];
}
