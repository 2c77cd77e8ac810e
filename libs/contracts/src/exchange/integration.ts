/**
 * The commands of an integration: DISCOVER, START_INGEST, INGEST, SUBSCRIBE, UNSUBSCRIBE.
 *
 * What we write is checked against the strict schemas here before it leaves: an unknown enum value or a wrong type
 * makes the message vanish at the controller. What we read is lenient: unknown fields are ignored, nulls are absent.
 */
import { z } from 'zod';

/** Null and absent read alike; a number or boolean becomes a string, as the controller does for such a map. */
const lenientStrings = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .nullish()
  .transform((map) =>
    Object.fromEntries(
      Object.entries(map ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
    ),
  );

/** Only SWAGGER and ASYNCAPI are imported by APIM; `filename` is the page's identity from one ingest to the next. */
export const Page = z.strictObject({
  pageType: z.enum(['SWAGGER', 'ASYNCAPI', 'ASCIIDOC', 'MARKDOWN', 'MARKDOWN_TEMPLATE']),
  content: z.string(),
  filename: z.string(),
});
export type Page = z.output<typeof Page>;

export const Plan = z.strictObject({
  id: z.string().min(1),
  name: z.string(),
  description: z.string(),
  planSecurityType: z.enum(['API_KEY', 'OAUTH2', 'JWT']),
  characteristics: z.array(z.string()),
});
export type Plan = z.output<typeof Plan>;

/**
 * `format` is required. No name of ours contains `aws-api-gateway` or starts with `aws.`: APIM would merge it over the
 * routing keys.
 */
export const Metadata = z.strictObject({
  name: z.string(),
  value: z.string(),
  format: z.enum(['STRING', 'NUMERIC', 'BOOLEAN', 'DATE', 'MAIL', 'URL']),
});
export type Metadata = z.output<typeof Metadata>;

/** An API as APIM takes it. Lists are never null: a null `pages` makes every later update of that API fail. */
export const Api = z.strictObject({
  uniqueId: z.string().min(1),
  id: z.string().min(1),
  name: z.string().min(1),
  version: z.string(),
  description: z.string(),
  connectionDetails: z.record(z.string(), z.string()),
  type: z.enum(['PROXY', 'MESSAGE']),
  pages: z.array(Page),
  plans: z.array(Plan),
  metadata: z.array(Metadata),
});
export type Api = z.output<typeof Api>;

/**
 * An API in a DISCOVER reply. APIM shows `name` and `version`, tells by `uniqueId` whether it has the API already, and
 * names it by `id` in START_INGEST. Whatever else an Api has is null there, and is not looked at (read in
 * gravitee-api-management: IntegrationAdapter, DiscoveryUseCase).
 */
export const PreviewApi = Api.pick({ uniqueId: true, id: true, name: true, version: true });
export type PreviewApi = z.output<typeof PreviewApi>;

/** DISCOVER reply. `isPartialDiscovery` says "this is what I had by the deadline"; old controllers ignore it. */
export const DiscoverReply = z.strictObject({
  apis: z.array(PreviewApi),
  isPartialDiscovery: z.boolean(),
});
export type DiscoverReply = z.output<typeof DiscoverReply>;

/** START_INGEST; an empty or absent `apiIds` means all. The ids are `Api.id`. */
export const StartIngestPayload = z.object({
  ingestJobId: z.string().min(1),
  apiIds: z
    .array(z.string())
    .nullish()
    .transform((ids) => ids ?? []),
});
export type StartIngestPayload = z.output<typeof StartIngestPayload>;

export const StartIngestReply = z.strictObject({
  ingestJobId: z.string(),
  total: z.number().int().min(0),
});
export type StartIngestReply = z.output<typeof StartIngestReply>;

/** INGEST is the one command that the connector sends. It is an upsert by `uniqueId`. */
export const IngestPayload = z.strictObject({
  ingestJobId: z.string().min(1),
  apis: z.array(Api),
  done: z.boolean(),
});
export type IngestPayload = z.output<typeof IngestPayload>;

/** The subscription of a SUBSCRIBE. `metadata` holds the API's connectionDetails and `planId`. */
export const SubscribePayload = z.object({
  apiId: z.string().min(1),
  subscription: z.object({
    graviteeSubscriptionId: z.string().min(1),
    graviteeApplicationId: z
      .string()
      .nullish()
      .transform((value) => value ?? ''),
    graviteeApplicationName: z
      .string()
      .nullish()
      .transform((value) => value ?? ''),
    type: z
      .string()
      .nullish()
      .transform((value) => value ?? 'API_KEY'),
    metadata: lenientStrings,
  }),
});
export type SubscribePayload = z.output<typeof SubscribePayload>;

/**
 * The subscription of an UNSUBSCRIBE has no type, no application, no plan: only connection details and what our
 * SUBSCRIBE reply returned.
 */
export const UnsubscribePayload = z.object({
  apiId: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  subscription: z.object({ graviteeSubscriptionId: z.string().min(1), metadata: lenientStrings }),
});
export type UnsubscribePayload = z.output<typeof UnsubscribePayload>;

/** SUBSCRIBE reply: the key value and the metadata that comes back with UNSUBSCRIBE. */
export const SubscribeReply = z.strictObject({
  subscription: z.strictObject({
    graviteeSubscriptionId: z.string(),
    metadata: z.record(z.string(), z.string()),
    apiKey: z.string(),
  }),
});
export type SubscribeReply = z.output<typeof SubscribeReply>;

/** Commands that a worker answers, with the service whose worker it is. */
export const workerCommands = {
  DISCOVER: 'discovery',
  START_INGEST: 'discovery',
  SUBSCRIBE: 'subscription',
  UNSUBSCRIBE: 'subscription',
} as const;
export type WorkerCommandType = keyof typeof workerCommands;

/** Whether a type is a command that a worker answers. */
export function isWorkerCommand(type: string): type is WorkerCommandType {
  return Object.hasOwn(workerCommands, type);
}

/** The strict schema of what we write in a SUCCEEDED reply, by command type. */
export const replyPayloadSchemas = {
  DISCOVER: DiscoverReply,
  START_INGEST: StartIngestReply,
  SUBSCRIBE: SubscribeReply,
  UNSUBSCRIBE: z.strictObject({}),
} as const satisfies Record<WorkerCommandType, z.ZodType>;

/** The schema of what we read in a command's payload, by command type. */
export const commandPayloadSchemas = {
  DISCOVER: z.object({}),
  START_INGEST: StartIngestPayload,
  SUBSCRIBE: SubscribePayload,
  UNSUBSCRIBE: UnsubscribePayload,
} as const satisfies Record<WorkerCommandType, z.ZodType>;

/**
 * Routing keys in an API's `connectionDetails` and in the SUBSCRIBE reply's metadata. They come back in SUBSCRIBE and
 * UNSUBSCRIBE and are all an UNSUBSCRIBE has to go by.
 */
export const routingKeys = {
  account: 'aws.account',
  region: 'aws.region',
  restApiId: 'aws.restApiId',
  stage: 'aws.stage',
  invokeUrl: 'aws.invokeUrl',
  apiKeyId: 'aws.apiKeyId',
  usagePlanId: 'aws.usagePlanId',
} as const;
