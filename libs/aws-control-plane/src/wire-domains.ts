/** Parses the answers about custom domain names, as leniently as wire.ts. */
import { z } from 'zod';
import type { RawAnswer } from './answer.ts';
import type { DomainMapping, DomainName, RoutingRule } from './model-domains.ts';
import { id, present, read, text, texts, type Page, type Reading } from './wire.ts';

export const domainOnWire = z
  .object({
    domainName: id,
    domainNameId: text,
    endpointConfiguration: z.object({ types: texts }).nullish(),
    routingMode: text,
    domainNameStatus: text,
  })
  .transform((domain): DomainName => ({
    name: domain.domainName,
    ...present({ id: domain.domainNameId, status: domain.domainNameStatus }),
    endpointTypes: domain.endpointConfiguration?.types ?? [],
    routingMode: domain.routingMode ?? 'BASE_PATH_MAPPING_ONLY',
  }));

export const basePathMappingOnWire = z
  .object({ basePath: text, restApiId: id, stage: text })
  .transform(({ basePath, restApiId, stage }) => mappingOf(basePath, restApiId, stage));

export const apiMappingOnWire = z
  .object({ apiMappingKey: text, apiId: id, stage: text })
  .transform(({ apiMappingKey, apiId, stage }) => mappingOf(apiMappingKey, apiId, stage));

type Text = string | null | undefined;

/** The first version writes `(none)` for the root of the domain; as a stage it could be none either. */
function mappingOf(path: Text, apiId: string, stage: Text): DomainMapping {
  const said = (value: Text): string => (value === '(none)' ? '' : (value ?? ''));
  return { path: said(path), apiId, ...(said(stage) !== '' && { stage: said(stage) }) };
}

/** A rule without an action leads nowhere; there is one action at most (AWS). */
export const routingRuleOnWire = z
  .object({
    priority: z.number(),
    conditions: z
      .array(
        z.object({
          matchBasePaths: z.object({ anyOf: texts }).nullish(),
          matchHeaders: z.object({ anyOf: z.array(z.unknown()).nullish() }).nullish(),
        }),
      )
      .nullish(),
    actions: z
      .array(
        z.object({ invokeApi: z.object({ apiId: id, stage: id, stripBasePath: z.boolean().nullish() }) }),
      )
      .min(1),
  })
  .transform(({ priority, conditions, actions: [action] }): RoutingRule => ({
    priority,
    basePaths: (conditions ?? []).flatMap(({ matchBasePaths }) => matchBasePaths?.anyOf ?? []),
    needsHeaders: (conditions ?? []).some(({ matchHeaders }) => (matchHeaders?.anyOf ?? []).length > 0),
    apiId: action?.invokeApi.apiId ?? '',
    stage: action?.invokeApi.stage ?? '',
    stripBasePath: action?.invokeApi.stripBasePath ?? false,
  }));

export function readRulesPage<T>(answer: RawAnswer, item: z.ZodType<T>): Reading<Page<T>> {
  return read(answer, z.object({ routingRules: z.array(item), nextToken: text }), (page) => ({
    items: page.routingRules,
    ...(page.nextToken && { position: page.nextToken }),
  }));
}
