/**
 * Reads what a connector wrote, like the real controller (measured on 1.6.1 to 2.0.2). It ignores unknown fields,
 * accepts nulls and absent fields, and turns a number into a string where a string belongs. It silently drops a message
 * with an unknown enum value, or with an object where a string belongs.
 */
import { z } from 'zod';

const string = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]).nullish();
const strings = z.record(z.string(), string).nullish();
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).nullish();

const page = z.object({
  pageType: z.enum(['SWAGGER', 'ASYNCAPI', 'ASCIIDOC', 'MARKDOWN', 'MARKDOWN_TEMPLATE']).nullish(),
  content: string,
  filename: string,
});
const plan = z.object({
  id: string,
  name: string,
  description: string,
  planSecurityType: z.enum(['API_KEY', 'OAUTH2', 'JWT']).nullish(),
  characteristics: listOf(string),
});
const metadata = z.object({
  name: string,
  value: string,
  format: z.enum(['STRING', 'NUMERIC', 'BOOLEAN', 'DATE', 'MAIL', 'URL']).nullish(),
});
const api = z.object({
  uniqueId: string,
  id: string,
  name: string,
  version: string,
  description: string,
  connectionDetails: strings,
  type: z.enum(['PROXY', 'MESSAGE']).nullish(),
  pages: listOf(page),
  plans: listOf(plan),
  metadata: listOf(metadata),
});
export type ReadApi = z.output<typeof api>;
export type ReadPlan = z.output<typeof plan>;
export type ReadPage = z.output<typeof page>;
export type ReadMetadata = z.output<typeof metadata>;

const payloads = {
  HELLO: z.object({ targetId: string, provider: string }),
  INGEST: z.object({ ingestJobId: string, apis: listOf(api), done: z.boolean().nullish() }),
} as const;

const replyPayloads: Readonly<Record<string, z.ZodType>> = {
  DISCOVER: z.object({ apis: listOf(api), isPartialDiscovery: z.boolean().nullish() }),
  START_INGEST: z.object({ ingestJobId: string, total: z.number().nullish() }),
  SUBSCRIBE: z.object({
    subscription: z.object({ graviteeSubscriptionId: string, metadata: strings, apiKey: string }).nullish(),
  }),
  UNSUBSCRIBE: z.object({}),
  PRIMARY: z.object({}),
  HEALTH_CHECK: z.object({ healthy: z.boolean().nullish(), detail: string }),
  GOOD_BYE: z.object({}),
  NO_REPLY: z.object({}),
  UNKNOWN: z.object({}),
};

const command = z.object({ id: string, type: z.string(), payload: z.unknown().optional() });
const reply = z.object({
  commandId: string,
  type: z.string(),
  commandStatus: z.enum(['SUCCEEDED', 'ERROR', 'PENDING', 'IN_PROGRESS']).catch('ERROR'),
  errorDetails: string,
  payload: z.unknown().optional(),
});

export type ReadCommand =
  | { readonly type: 'HELLO'; readonly id: string; readonly payload: z.output<typeof payloads.HELLO> }
  | { readonly type: 'INGEST'; readonly id: string; readonly payload: z.output<typeof payloads.INGEST> }
  | { readonly type: 'other'; readonly id: string; readonly name: string };

export interface ReadReply {
  readonly commandId: string;
  readonly type: string;
  readonly commandStatus: string;
  readonly errorDetails?: string | undefined;
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
}

/** @throws SyntaxError or ZodError when the controller cannot read it */
export function readCommand(json: string): ReadCommand {
  const { id, type, payload } = command.parse(JSON.parse(json));
  if (type === 'HELLO') return { type, id: id ?? '', payload: payloads.HELLO.parse(payload ?? {}) };
  if (type === 'INGEST') return { type, id: id ?? '', payload: payloads.INGEST.parse(payload ?? {}) };
  return { type: 'other', id: id ?? '', name: type };
}

/** @throws SyntaxError or ZodError when the controller cannot read it */
export function readReply(json: string): ReadReply {
  const { commandId, type, commandStatus, errorDetails, payload } = reply.parse(JSON.parse(json));
  const schema = replyPayloads[type] ?? z.object({});
  const read = payload === undefined || payload === null ? undefined : schema.parse(payload);
  return {
    commandId: commandId ?? '',
    type,
    commandStatus,
    errorDetails: errorDetails ?? undefined,
    payload: read as Record<string, unknown> | undefined,
  };
}
