/** Reads of one account and region: complete, or an error. */
import {
  GetApiKeysCommand,
  GetExportCommand,
  GetRestApisCommand,
  GetStagesCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import { awsPageSize, type Limits } from '@federation-agent/contracts';
import type { z } from 'zod';
import type { RawAnswer } from './answer.ts';
import type { Call, Caller } from './call.ts';
import type { Command } from './client.ts';
import type { Priority, TargetReads, UsagePlan } from './model.ts';
import type { Operation } from './permissions.ts';
import {
  apiKeyOnWire,
  readDocument,
  readPage,
  restApiOnWire,
  stageOnWire,
  usagePlanOnWire,
  type Page,
  type Reading,
} from './wire.ts';

/** More pages than this (500,000 items) come from a server that never ends. */
const mostPages = 1_000;

interface List<T> {
  readonly operation: Operation;
  readonly command: (page: { limit: number; position?: string }) => Command;
  readonly item: z.ZodType<T>;
  readonly idOf: (item: T) => string;
  readonly priority: Priority;
  readonly signal: AbortSignal | undefined;
}

export function createReads(caller: Caller, limits: Limits): TargetReads {
  /** All pages. They are not a snapshot, so an item may come twice; then the later one counts. */
  async function list<T>({ operation, command, item, idOf, priority, signal }: List<T>): Promise<T[]> {
    const items = new Map<string, T>();
    const positions = new Set<string>();
    let position: string | undefined;
    do {
      const from = position;
      const page: Page<T> = await caller({
        operation,
        command: () => command({ limit: awsPageSize, ...(from !== undefined && { position: from }) }),
        read: (answer) => newPage(answer, item, positions),
        priority,
        timeout: limits.readCall,
        signal,
      });
      for (const one of page.items) items.set(idOf(one), one);
      position = page.position;
      if (position !== undefined) positions.add(position);
    } while (position !== undefined);
    return [...items.values()];
  }

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
        read: (answer) => newPage(answer, apiKeyOnWire, new Set(from === undefined ? [] : [from])),
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
  };
}

/** One page. A token that was seen before is an error, because the list would never end. */
function newPage<T>(answer: RawAnswer, item: z.ZodType<T>, before: ReadonlySet<string>): Reading<Page<T>> {
  const page = readPage(answer, item);
  if ('unreadable' in page || page.value.position === undefined) return page;
  if (before.has(page.value.position)) return { unreadable: 'its next page is one that was read before' };
  return before.size < mostPages ? page : { unreadable: `it has more than ${mostPages} pages` };
}
