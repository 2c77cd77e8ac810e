/**
 * The commands of an integration: DISCOVER, START_INGEST, INGEST, SUBSCRIBE, UNSUBSCRIBE.
 *
 * What we write is checked against the strict schemas here before it is sent: the controller silently drops a message
 * with an unknown enum value or a wrong type. What we read is parsed leniently: unknown fields are ignored, and null
 * counts as absent.
 */
import { z } from 'zod';

/** Null counts as absent. A number or boolean becomes a string, as in the controller. */
const lenientStrings = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .nullish()
  .transform((map) =>
    Object.fromEntries(
      Object.entries(map ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
    ),
  );

/** APIM imports only SWAGGER and ASYNCAPI. `filename` is the page's identity across ingests. */
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
 * `format` is required. None of our names contains `aws-api-gateway` or starts with `aws.`: APIM would merge it over
 * the routing keys.
 */
export const Metadata = z.strictObject({
  name: z.string(),
  value: z.string(),
  format: z.enum(['STRING', 'NUMERIC', 'BOOLEAN', 'DATE', 'MAIL', 'URL']),
});
export type Metadata = z.output<typeof Metadata>;

/** An API as APIM accepts it. Lists are never null: a null `pages` makes every later update of that API fail. */
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
 * An API in a DISCOVER reply. APIM shows `name` and `version`, recognises a known API by `uniqueId`, and uses `id` in
 * START_INGEST. It ignores all other fields of an Api there (read in gravitee-api-management: IntegrationAdapter,
 * DiscoveryUseCase).
 */
export const PreviewApi = Api.pick({ uniqueId: true, id: true, name: true, version: true });
export type PreviewApi = z.output<typeof PreviewApi>;

/** DISCOVER reply. `isPartialDiscovery` means "this is what I had by the deadline"; old controllers ignore it. */
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

/** INGEST is the only command that the connector sends. It is an upsert by `uniqueId`. */
export const IngestPayload = z.strictObject({
  ingestJobId: z.string().min(1),
  apis: z.array(Api),
  done: z.boolean(),
});
export type IngestPayload = z.output<typeof IngestPayload>;

/** The subscription of a SUBSCRIBE. `metadata` has the API's connectionDetails and `planId`. */
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
 * The subscription of an UNSUBSCRIBE has no type, application or plan: only connection details, and what our SUBSCRIBE
 * reply returned.
 */
export const UnsubscribePayload = z.object({
  apiId: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  subscription: z.object({ graviteeSubscriptionId: z.string().min(1), metadata: lenientStrings }),
});
export type UnsubscribePayload = z.output<typeof UnsubscribePayload>;

/** SUBSCRIBE reply: the key value, and the metadata that UNSUBSCRIBE sends back. */
export const SubscribeReply = z.strictObject({
  subscription: z.strictObject({
    graviteeSubscriptionId: z.string(),
    metadata: z.record(z.string(), z.string()),
    apiKey: z.string(),
  }),
});
export type SubscribeReply = z.output<typeof SubscribeReply>;

/** Commands that a worker answers, each with the service that has the worker. */
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

/** The strict schema of a SUCCEEDED reply's payload, by command type. */
export const replyPayloadSchemas = {
  DISCOVER: DiscoverReply,
  START_INGEST: StartIngestReply,
  SUBSCRIBE: SubscribeReply,
  UNSUBSCRIBE: z.strictObject({}),
} as const satisfies Record<WorkerCommandType, z.ZodType>;

/** The schema for reading a command's payload, by command type. */
export const commandPayloadSchemas = {
  DISCOVER: z.object({}),
  START_INGEST: StartIngestPayload,
  SUBSCRIBE: SubscribePayload,
  UNSUBSCRIBE: UnsubscribePayload,
} as const satisfies Record<WorkerCommandType, z.ZodType>;

/**
 * Routing keys in an API's `connectionDetails` and in the SUBSCRIBE reply's metadata. SUBSCRIBE and UNSUBSCRIBE send
 * them back; an UNSUBSCRIBE has nothing else that says what to delete.
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
