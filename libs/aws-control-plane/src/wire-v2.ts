/** Parses the answers about HTTP and WebSocket APIs, as leniently as wire.ts. */
import { z } from 'zod';
import type { RawAnswer } from './answer.ts';
import type { Model, Route } from './model-v2.ts';
import type { CorsRules, GatewayApi, Stage } from './model.ts';
import { date, id, present, read, text, texts, throttleOf, type Page, type Reading } from './wire.ts';

const words = z.record(z.string(), z.string()).nullish();
const flag = z.boolean().nullish();
const number = z.number().nullish();

const corsOnWire = z
  .object({ allowOrigins: texts, allowMethods: texts, allowHeaders: texts, allowCredentials: flag })
  .transform((cors): CorsRules => ({
    origins: cors.allowOrigins,
    methods: cors.allowMethods,
    headers: cors.allowHeaders,
    credentials: cors.allowCredentials ?? false,
  }));

export const v2ApiOnWire = z
  .object({
    apiId: id,
    protocolType: z.enum(['HTTP', 'WEBSOCKET']),
    name: text,
    description: text,
    version: text,
    createdDate: date,
    corsConfiguration: corsOnWire.nullish(),
    disableExecuteApiEndpoint: flag,
    tags: words,
  })
  .transform((api): GatewayApi => {
    const { description, version, createdDate: createdAt, corsConfiguration: cors } = api;
    return {
      id: api.apiId,
      apiType: api.protocolType,
      name: api.name ?? api.apiId,
      ...present({ description, version, createdAt, cors }),
      // AWS has no other type for them.
      endpointTypes: ['REGIONAL'],
      vpcEndpointIds: [],
      disableExecuteApiEndpoint: api.disableExecuteApiEndpoint ?? false,
      tags: api.tags ?? {},
    };
  });

export const v2StageOnWire = z
  .object({
    stageName: id,
    description: text,
    deploymentId: text,
    createdDate: date,
    lastUpdatedDate: date,
    defaultRouteSettings: z
      .object({ throttlingRateLimit: number, throttlingBurstLimit: number })
      .nullish()
      .catch(undefined),
  })
  .transform((stage): Stage => {
    const { description, deploymentId, createdDate, lastUpdatedDate } = stage;
    const throttle = throttleOf(stage.defaultRouteSettings);
    return {
      name: stage.stageName,
      ...present({ description, deploymentId, createdAt: createdDate, updatedAt: lastUpdatedDate, throttle }),
    };
  });

export const routeOnWire = z
  .object({
    routeKey: id,
    operationName: text,
    authorizationType: text,
    apiKeyRequired: flag,
    requestModels: words,
  })
  .transform((route): Route => ({
    key: route.routeKey,
    ...present({ operationName: route.operationName, authorization: route.authorizationType }),
    keyRequired: route.apiKeyRequired ?? false,
    requestModels: route.requestModels ?? {},
  }));

export const modelOnWire = z
  .object({ name: id, contentType: text, description: text, schema: text })
  .transform(({ name, ...rest }): Model => ({ name, ...present(rest) }));

/**
 * Reads a page of a list. As in wire.ts the list itself is required: an answer without it comes from something else.
 */
export function readV2Page<T>(answer: RawAnswer, item: z.ZodType<T>): Reading<Page<T>> {
  return read(answer, z.object({ items: z.array(item), nextToken: text }), (page) => ({
    items: page.items,
    ...(page.nextToken && { position: page.nextToken }),
  }));
}
