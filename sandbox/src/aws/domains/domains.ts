import { badRequest, conflict, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { RegionContext } from '../region-context.ts';
import type { Region } from '../store.ts';
import type { Domain, HeaderCondition, Mapping, RoutingMode, RoutingRule } from './store.ts';

/** The input of CreateDomainName. */
export interface NewDomain {
  readonly name: string;
  readonly type?: Domain['type'] | undefined;
  readonly routingMode?: RoutingMode | undefined;
}

/** A domain; a private one only with its id. @throws AwsError 404 */
export function findDomain(region: Region, name: string, id?: string | null): Domain {
  const domain = region.domains.get(id ? `${name} ${id}` : name);
  if (domain === undefined) throw notFound('Invalid domain name identifier specified');
  return domain;
}

/** A new domain. @throws AwsError 409 */
export function createDomain({ region, random }: RegionContext, given: NewDomain): Domain {
  const id = given.type === 'PRIVATE' ? newId(random, 10, new Set()) : undefined;
  const key = id === undefined ? given.name : `${given.name} ${id}`;
  if (region.domains.has(key)) throw conflict('The domain name you provided already exists.');
  const domain: Domain = {
    name: given.name,
    id,
    type: given.type ?? 'EDGE',
    routingMode: given.routingMode ?? 'BASE_PATH_MAPPING_ONLY',
    status: 'AVAILABLE',
    mappings: new Map(),
    rules: new Map(),
  };
  region.domains.set(key, domain);
  return domain;
}

/** Maps a path of a domain to a stage. @throws AwsError 400 or 409 */
export function mapDomain(
  { region, random }: RegionContext,
  domain: Domain,
  { path, apiId, stage }: Omit<Mapping, 'id'>,
): Mapping {
  const api = region.apis.get(apiId) ?? region.v2Apis.get(apiId);
  if (api === undefined) throw badRequest('Invalid API identifier specified');
  if (stage !== undefined && !api.stages.has(stage)) throw badRequest('Invalid stage identifier specified');
  if (path.includes('/') && domain.type !== 'REGIONAL')
    throw badRequest('Multi-level API mappings are supported only by regional domains.');
  if ([...domain.mappings.values()].some((mapping) => mapping.path === path))
    throw conflict('Base path already exists for this domain name');
  const mapping = { id: newId(random, 6, domain.mappings), path, apiId, stage };
  domain.mappings.set(mapping.id, mapping);
  return mapping;
}

/** The input of CreateRoutingRule. */
export interface NewRule {
  readonly priority: number;
  readonly basePaths?: readonly string[] | undefined;
  readonly headers?: readonly HeaderCondition[] | undefined;
  readonly apiId: string;
  readonly stage: string;
  readonly stripBasePath?: boolean | undefined;
}

/** Adds a rule to a domain. @throws AwsError 409 when the priority is taken */
export function addRule({ random }: RegionContext, domain: Domain, given: NewRule): RoutingRule {
  if ([...domain.rules.values()].some(({ priority }) => priority === given.priority))
    throw conflict('A routing rule with this priority already exists');
  const { basePaths = [], headers = [], stripBasePath = false, ...rest } = given;
  const rule = { id: newId(random, 6, domain.rules), ...rest, basePaths, headers, stripBasePath };
  domain.rules.set(rule.id, rule);
  return rule;
}
