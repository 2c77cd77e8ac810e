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
  options: { readonly nameTemplate: string; readonly page?: Page | undefined },
): MappedApi {
  const { nameTemplate, page } = options;
  const preview = toPreview(entry, nameTemplate);
  const { plans, changed: ofPlans } = toPlans(entry.plans);
  const { metadata, changed: ofMetadata } = toMetadata(facts(entry));
  const own = [
    ...changedTexts('api.name', [apiName(entry, nameTemplate)], [preview.name]),
    ...changedTexts('api.version', [entry.version], [preview.version]),
    ...ofMetadata,
  ];
  const described = withNotes(entry.description, entryNotes(entry));
  const room = widthOf('api.description') - described.length - 2;
  const api: Api = {
    ...preview,
    description: [described, fullTextsNote(own, room)].filter(Boolean).join('\n\n'),
    connectionDetails: {
      [routingKeys.account]: entry.account,
      [routingKeys.region]: entry.region,
      [routingKeys.restApiId]: entry.restApiId,
      [routingKeys.stage]: entry.stage,
      [routingKeys.invokeUrl]: entry.invokeUrl,
    },
    type: 'PROXY',
    pages: page ? [page] : [],
    plans,
    metadata,
  };
  const isCut = [entry.description, ...entryNotes(entry)].filter(Boolean).join('\n\n') !== described;
  const description: ChangedText = { field: 'api.description', whole: entry.description, sent: described };
  return { api, changed: [...own, ...(isCut ? [description] : []), ...ofPlans] };
}

/** When a name is cut, its end is kept: the template usually puts the stage there. */
const nameTail = 160;

/** What DISCOVER shows. */
export function toPreview(entry: CatalogEntry, nameTemplate: string): PreviewApi {
  return {
    uniqueId: entry.uniqueId,
    id: entry.uniqueId,
    name: fitOne(
      'api.name',
      { text: apiName(entry, nameTemplate), identity: entry.uniqueId },
      () => nameTail,
    ),
    version: fitOne('api.version', { text: entry.version, identity: entry.version }),
  };
}

/** Fills in `{name}`, `{stage}`, `{region}` and `{account}`; the result is never empty. */
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

/** What a subscriber must know and no other field says. */
function entryNotes(entry: CatalogEntry): string[] {
  return [
    ...(entry.apiKeySource === 'AUTHORIZER'
      ? ['This API takes its key from an authorizer in AWS: it ignores the header x-api-key.']
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

/** The metadata: facts from us, then the tags. */
function facts(entry: CatalogEntry): Metadata[] {
  return [
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
}
