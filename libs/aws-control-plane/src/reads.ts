/** Reads of one account and region: complete, or an error. */
import {
  GetAccountCommand,
  GetApiKeysCommand,
  GetExportCommand,
  GetRestApisCommand,
  GetStagesCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import { awsPageSize, type Limits } from '@federation-agent/contracts';
import type { Call, Caller } from './call.ts';
import type { Command } from './client.ts';
import { listPages, newPage, type List } from './list-pages.ts';
import type { Priority, TargetReads, UsagePlan } from './model.ts';
import {
  apiKeyOnWire,
  readAccountThrottle,
  readDocument,
  readPage,
  restApiOnWire,
  stageOnWire,
  usagePlanOnWire,
} from './wire.ts';

export function createReads(caller: Caller, limits: Limits): TargetReads {
  type Options<T> = Pick<List<T>, 'operation' | 'item' | 'idOf' | 'priority' | 'signal'> & {
    readonly command: (page: { limit: number; position?: string }) => Command;
  };
  const list = <T>({ command, ...options }: Options<T>): Promise<T[]> =>
    listPages(caller, limits, {
      ...options,
      page: readPage,
      command: (from) => command({ limit: awsPageSize, ...(from !== undefined && { position: from }) }),
    });

  const usagePlans = (filter: { keyId?: string }, priority: Priority, signal?: AbortSignal) =>
    list<UsagePlan>({
      operation: 'GetUsagePlans',
      command: (page) => new GetUsagePlansCommand({ ...page, ...filter }),
      item: usagePlanOnWire,
      idOf: (plan) => plan.id,
      priority,
      signal,
    });

  return {
    restApis: (priority, signal) =>
      list({
        operation: 'GetRestApis',
        command: (page) => new GetRestApisCommand(page),
        item: restApiOnWire,
        idOf: (api) => api.id,
        priority,
        signal,
      }),

    async stages(restApiId, priority, signal) {
      // GetStages has no pages.
      const { items } = await caller({
        operation: 'GetStages',
        command: () => new GetStagesCommand({ restApiId }),
        read: (answer) => readPage(answer, stageOnWire),
        priority,
        timeout: limits.readCall,
        signal,
      });
      return [...new Map(items.map((stage) => [stage.name, stage])).values()];
    },

    usagePlans: (priority, signal) => usagePlans({}, priority, signal),
    usagePlansOfKey: (keyId, priority, signal) => usagePlans({ keyId }, priority, signal),

    async apiKeys({ namePrefix, position: from }, priority, signal) {
      const { items: keys, position } = await caller({
        operation: 'GetApiKeys',
        command: () =>
          new GetApiKeysCommand({
            limit: awsPageSize,
            includeValues: false,
            ...(namePrefix !== undefined && { nameQuery: namePrefix }),
            ...(from !== undefined && { position: from }),
          }),
        read: (answer) => newPage(readPage(answer, apiKeyOnWire), new Set(from === undefined ? [] : [from])),
        priority,
        timeout: limits.readCall,
        signal,
      });
      return { keys, ...(position !== undefined && { position }) };
    },

    exportDocument: (restApiId, stageName, priority, signal) => {
      const call: Call<Buffer> = {
        operation: 'GetExport',
        // Without extensions: those contain integration URIs and the ARNs of roles.
        command: () =>
          new GetExportCommand({ restApiId, stageName, exportType: 'oas30', accepts: 'application/json' }),
        read: readDocument,
        priority,
        timeout: limits.exportCall,
        signal,
      };
      return caller(call);
    },

    accountThrottle: (priority, signal) =>
      caller({
        operation: 'GetAccount',
        command: () => new GetAccountCommand({}),
        read: readAccountThrottle,
        priority,
        timeout: limits.readCall,
        signal,
      }),
  };
}
