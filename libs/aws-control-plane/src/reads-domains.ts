/** Reads custom domain names of one account and region: complete, or an error. */
import { GetBasePathMappingsCommand, GetDomainNamesCommand } from '@aws-sdk/client-api-gateway';
import { awsPageSize, type Limits } from '@federation-agent/contracts';
import type { Caller } from './call.ts';
import { listPages } from './list-pages.ts';
import type { DomainName, DomainReads } from './model-domains.ts';
import { loadV2 } from './sdk-v2.ts';
import {
  apiMappingOnWire,
  basePathMappingOnWire,
  domainOnWire,
  readRulesPage,
  routingRuleOnWire,
} from './wire-domains.ts';
import { readV2Page } from './wire-v2.ts';
import { readPage } from './wire.ts';

/** Its model allows no more; the lists beside it give 500. */
const rulesPageSize = 100;

export function createDomainReads(caller: Caller, limits: Limits): DomainReads {
  const basePaths: DomainReads['mappings'] = ({ name, id }, priority, signal) => {
    const paged = { domainName: name, ...(id !== undefined && { domainNameId: id }), limit: awsPageSize };
    return listPages(caller, limits, {
      operation: 'GetBasePathMappings',
      command: (from) => new GetBasePathMappingsCommand({ ...paged, ...positionOf(from) }),
      page: readPage,
      item: basePathMappingOnWire,
      idOf: ({ path }) => path,
      priority,
      signal,
    });
  };

  /** Of all types of APIs, and with paths of several levels. */
  const apiMappings: DomainReads['mappings'] = async ({ name }, priority, signal) => {
    const { GetApiMappingsCommand } = await loadV2();
    const paged = { DomainName: name, MaxResults: String(awsPageSize) };
    return listPages(caller, limits, {
      operation: 'GetApiMappings',
      command: (from) =>
        new GetApiMappingsCommand({ ...paged, ...(from !== undefined && { NextToken: from }) }),
      page: readV2Page,
      item: apiMappingOnWire,
      idOf: ({ path }) => path,
      priority,
      signal,
    });
  };

  return {
    operationsOf: (domain) => [
      isRegional(domain) ? 'GetApiMappings' : 'GetBasePathMappings',
      ...(hasRules(domain) ? (['ListRoutingRules'] as const) : []),
    ],

    names: (priority, signal) =>
      listPages(caller, limits, {
        operation: 'GetDomainNames',
        command: (from) => new GetDomainNamesCommand({ limit: awsPageSize, ...positionOf(from) }),
        page: readPage,
        item: domainOnWire,
        // Private domains of one name differ by their id.
        idOf: ({ name, id }) => `${name} ${id ?? ''}`,
        priority,
        signal,
      }),

    mappings: (domain, priority, signal) =>
      (isRegional(domain) ? apiMappings : basePaths)(domain, priority, signal),

    async routingRules(domain, priority, signal) {
      if (!hasRules(domain)) return [];
      const { name, id } = domain;
      const { ListRoutingRulesCommand } = await loadV2();
      const paged = {
        DomainName: name,
        ...(id !== undefined && { DomainNameId: id }),
        MaxResults: rulesPageSize,
      };
      return listPages(caller, limits, {
        operation: 'ListRoutingRules',
        command: (from) =>
          new ListRoutingRulesCommand({ ...paged, ...(from !== undefined && { NextToken: from }) }),
        page: readRulesPage,
        item: routingRuleOnWire,
        idOf: ({ priority: order }) => String(order),
        priority,
        signal,
      });
    },
  };
}

function isRegional({ endpointTypes }: DomainName): boolean {
  return endpointTypes.includes('REGIONAL');
}

/** Whether requests to the domain ask its routing rules. */
export function hasRules({ routingMode }: Pick<DomainName, 'routingMode'>): boolean {
  return routingMode.startsWith('ROUTING_RULE');
}

function positionOf(from: string | undefined): { readonly position?: string } {
  return from === undefined ? {} : { position: from };
}
