/** Parses API Gateway's answers leniently: unknown fields are ignored, null counts as absent, ids are required. */
import { z } from 'zod';
import type { PlanLimits } from '@federation-agent/contracts';
import { parseObject, type RawAnswer } from './answer.ts';
import type { ListedApiKey, PlanStage, GatewayApi, Stage, Throttle, UsagePlan } from './model.ts';

/** The parsed value, or why parsing failed. The reason names fields and never values. */
export type Reading<T> = { readonly value: T } | { readonly unreadable: string };

/** One page of a list; without `position` it is the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly position?: string;
}

export const id = z.string().min(1);
export const text = z.string().nullish();
const number = z.number().nullish();
export const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
/** Epoch seconds; emulators send a text date or something else. */
export const date = z
  .union([z.number(), z.string().transform((value) => Date.parse(value) / 1_000)])
  .nullish()
  .catch(undefined)
  .transform((value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined));

/** The object without null and undefined values. */
export function present<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => part !== null && part !== undefined),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}

export const restApiOnWire = z
  .object({
    id,
    name: text,
    description: text,
    version: text,
    createdDate: date,
    apiKeySource: text,
    endpointConfiguration: z.object({ types: texts, vpcEndpointIds: texts }).nullish(),
    disableExecuteApiEndpoint: z.boolean().nullish(),
    tags: z.record(z.string(), z.string()).nullish(),
  })
  .transform((api): GatewayApi => {
    const { description, version, createdDate: createdAt, apiKeySource } = api;
    return {
      id: api.id,
      name: api.name ?? api.id,
      ...present({ description, version, createdAt, apiKeySource }),
      endpointTypes: api.endpointConfiguration?.types ?? [],
      vpcEndpointIds: api.endpointConfiguration?.vpcEndpointIds ?? [],
      disableExecuteApiEndpoint: api.disableExecuteApiEndpoint ?? false,
      tags: api.tags ?? {},
    };
  });

export const stageOnWire = z
  .object({
    stageName: id,
    description: text,
    deploymentId: text,
    documentationVersion: text,
    createdDate: date,
    lastUpdatedDate: date,
    methodSettings: z
      .record(z.string(), z.object({ throttlingRateLimit: number, throttlingBurstLimit: number }))
      .nullish()
      .catch(undefined),
  })
  .transform((stage): Stage => {
    const throttle = throttleOf(stage.methodSettings?.['*/*']);
    const { description, deploymentId, documentationVersion, createdDate, lastUpdatedDate } = stage;
    return {
      name: stage.stageName,
      ...present({
        description,
        deploymentId,
        documentationVersion,
        createdAt: createdDate,
        updatedAt: lastUpdatedDate,
        throttle,
      }),
    };
  });

/** A stage's own limits. AWS writes -1 for "none of its own". */
export function throttleOf(
  settings:
    | {
        readonly throttlingRateLimit?: number | null | undefined;
        readonly throttlingBurstLimit?: number | null | undefined;
      }
    | null
    | undefined,
): Throttle | undefined {
  const [rateLimit, burstLimit] = [settings?.throttlingRateLimit, settings?.throttlingBurstLimit].map(
    (limit) => (typeof limit === 'number' && limit >= 0 ? limit : undefined),
  );
  const own = present({ rateLimit, burstLimit });
  return Object.keys(own).length > 0 ? own : undefined;
}

const throttle = z.object({ rateLimit: number, burstLimit: number });
const planStageOnWire = z
  .object({ apiId: id, stage: id, throttle: z.record(z.string(), throttle).nullish() })
  .transform((link): PlanStage => ({
    restApiId: link.apiId,
    stage: link.stage,
    methodLimits: Object.fromEntries(
      Object.entries(link.throttle ?? {}).map(([method, limits]) => [methodName(method), present(limits)]),
    ),
  }));

export const usagePlanOnWire = z
  .object({
    id,
    name: text,
    description: text,
    apiStages: z.array(planStageOnWire).nullish(),
    throttle: throttle.nullish(),
    quota: z.object({ limit: number, offset: number, period: text }).nullish(),
  })
  .transform((plan): UsagePlan => {
    const { limit, offset, period } = plan.quota ?? {};
    const quota: PlanLimits['quota'] =
      typeof limit === 'number' ? { limit, ...present({ offset }), period: period ?? 'DAY' } : undefined;
    return {
      id: plan.id,
      name: plan.name ?? plan.id,
      ...present({ description: plan.description }),
      limits: { ...present(plan.throttle ?? {}), ...(quota && { quota }) },
      stages: plan.apiStages ?? [],
    };
  });

/** The value is not read, should it ever be there. */
export const apiKeyOnWire = z
  .object({ id, name: text, description: text, enabled: z.boolean().nullish(), createdDate: date })
  .transform(({ createdDate: createdAt, ...key }): ListedApiKey => ({
    id: key.id,
    name: key.name ?? '',
    description: key.description ?? '',
    enabled: key.enabled ?? false,
    ...present({ createdAt }),
  }));

/** AWS names a method `/pets/GET`; people read `GET /pets`. */
function methodName(method: string): string {
  const [, path, verb] = /^(.*)\/([A-Z]+|\*)$/u.exec(method) ?? [];
  return verb === undefined ? method : `${verb} ${path || '/'}`;
}

/**
 * Reads a page of a list. `item` is required: AWS sends `{"item": []}` when there is nothing (recorded). An answer
 * without it comes from something else, and reading it as "nothing" would be wrong.
 */
export function readPage<T>(answer: RawAnswer, item: z.ZodType<T>): Reading<Page<T>> {
  return read(answer, z.object({ item: z.array(item), position: text }), (page) => ({
    items: page.item,
    ...(page.position && { position: page.position }),
  }));
}

/** Reads the throttle of an account; without `throttleSettings` it is something else that answers. */
export function readAccountThrottle(answer: RawAnswer): Reading<Throttle> {
  return read(answer, z.object({ throttleSettings: throttle }), ({ throttleSettings }) =>
    present(throttleSettings),
  );
}

/** Reads the id of a created or attached key. */
export function readKeyId(answer: RawAnswer): Reading<{ keyId: string }> {
  return read(answer, z.object({ id }), (key) => ({ keyId: key.id }));
}

/** Reads the one id of an import. */
export function readImportedId(answer: RawAnswer): Reading<{ keyId: string }> {
  return read(answer, z.object({ ids: z.tuple([id]) }), ({ ids }) => ({ keyId: ids[0] }));
}

/** A success without content: no body, or an object that is not an error. */
export function readNothing(answer: RawAnswer): Reading<undefined> {
  if (answer.body.length === 0) return { value: undefined };
  const body = parseObject(answer.body.toString('utf8'));
  return body && !('message' in body) && !('Message' in body) && !('__type' in body)
    ? { value: undefined }
    : { unreadable: notWhatAwsSends(answer) };
}

/** The bytes of an OpenAPI or Swagger document. */
export function readDocument(answer: RawAnswer): Reading<Buffer> {
  const document = parseObject(answer.body.toString('utf8'));
  const known = typeof (document?.['openapi'] ?? document?.['swagger']) === 'string';
  return known ? { value: answer.body } : { unreadable: notWhatAwsSends(answer) };
}

/** Reads one object; the reason of a failure names fields, never values. */
export function read<Shape, T>(
  answer: RawAnswer,
  shape: z.ZodType<Shape>,
  pick: (shape: Shape) => T,
): Reading<T> {
  const body = parseObject(answer.body.toString('utf8'));
  if (body === undefined) return { unreadable: notWhatAwsSends(answer) };
  const parsed = shape.safeParse(body);
  if (parsed.success) return { value: pick(parsed.data) };
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the answer');
  return {
    unreadable: `not in the form that AWS sends, see ${[...new Set(fields)].slice(0, 5).join(', ')}`,
  };
}

function notWhatAwsSends({ headers, body }: RawAnswer): string {
  return `not what AWS sends: ${headers['content-type'] ?? 'no content type'}, ${body.length} bytes`;
}
