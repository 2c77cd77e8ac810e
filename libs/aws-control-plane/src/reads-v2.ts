/** Reads HTTP and WebSocket APIs of one account and region: complete, or an error. */
import { awsPageSize, type Limits } from '@federation-agent/contracts';
import type { Caller } from './call.ts';
import { listPages, type List } from './list-pages.ts';
import type { V2Reads } from './model-v2.ts';
import { loadV2 } from './sdk-v2.ts';
import { modelOnWire, readV2Page, routeOnWire, v2ApiOnWire, v2StageOnWire } from './wire-v2.ts';
import { readDocument } from './wire.ts';

/** Of all lists. AWS gives 25 items without it, and takes it as a text. */
const MaxResults = String(awsPageSize);

export function createV2Reads(caller: Caller, limits: Limits): V2Reads {
  const list = <T>(options: Omit<List<T>, 'page'>): Promise<T[]> =>
    listPages(caller, limits, { ...options, page: readV2Page });

  return {
    async apis(priority, signal) {
      const { GetApisCommand } = await loadV2();
      return list({
        operation: 'GetApis',
        command: (from) => new GetApisCommand({ MaxResults, ...pageFrom(from) }),
        item: v2ApiOnWire,
        idOf: ({ id }) => id,
        priority,
        signal,
      });
    },

    async stages(ApiId, priority, signal) {
      const { GetStagesCommand } = await loadV2();
      return list({
        operation: 'GetStagesV2',
        command: (from) => new GetStagesCommand({ ApiId, MaxResults, ...pageFrom(from) }),
        item: v2StageOnWire,
        idOf: ({ name }) => name,
        priority,
        signal,
      });
    },

    async exportDocument(ApiId, StageName, priority, signal) {
      const { ExportApiCommand } = await loadV2();
      const what = { Specification: 'OAS30', OutputType: 'JSON', IncludeExtensions: true } as const;
      return caller({
        operation: 'ExportApi',
        command: () => new ExportApiCommand({ ApiId, StageName, ...what }),
        read: readDocument,
        priority,
        timeout: limits.exportCall,
        signal,
      });
    },

    async routes(ApiId, priority, signal) {
      const { GetRoutesCommand } = await loadV2();
      return list({
        operation: 'GetRoutes',
        command: (from) => new GetRoutesCommand({ ApiId, MaxResults, ...pageFrom(from) }),
        item: routeOnWire,
        idOf: ({ key }) => key,
        priority,
        signal,
      });
    },

    async models(ApiId, priority, signal) {
      const { GetModelsCommand } = await loadV2();
      return list({
        operation: 'GetModelsV2',
        command: (from) => new GetModelsCommand({ ApiId, MaxResults, ...pageFrom(from) }),
        item: modelOnWire,
        idOf: ({ name }) => name,
        priority,
        signal,
      });
    },
  };
}

function pageFrom(from: string | undefined): { readonly NextToken?: string } {
  return from === undefined ? {} : { NextToken: from };
}
