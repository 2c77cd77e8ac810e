import { z } from 'zod';
import {
  catalogKeys,
  FilterSyntaxError,
  LookFound,
  parseApiUniqueId,
  pointAt,
  type CatalogEntry,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { askOperator, publishEvent } from '@federation-agent/broker';
import type { Explanation, StageDetail, StageRow, Why } from '../api/index.ts';
import { ApiProblem } from '../http/api-error.ts';
import type { Handlers } from '../http/handlers.ts';
import { explanationOf, trialOf } from '../model/explain.ts';
import { stageDetail, toldBy } from '../model/stage-detail.ts';
import { whyOf } from '../model/why.ts';
import type { ConsoleParts } from '../parts.ts';
import type { ReadModel } from '../read-model.ts';
import { readOverview } from './overview.ts';

type Names = 'explain' | 'estate' | 'estateTree' | 'stage' | 'stageDocument' | 'why' | 'whyInAws';

/** Stages that one answer explains. */
const mostExplained = 20;
/** The jobs of the last two hours have their lists; more than these are not looked through. */
const mostJobs = 5;

export function estateHandlers(parts: ConsoleParts): Pick<Handlers, Names> {
  const { models, documents, context } = parts;
  return {
    estate: async ({ query }) => (await models.whole()).estate.page(query),
    estateTree: async () => (await models.whole()).estate.tree(),
    stage: async ({ params }) => {
      const model = await models.whole();
      const { row, entry } = await readStage(model, params['uniqueId'] ?? '');
      return stageDetail(row, entry, {
        told: await toldOf(parts, model, row),
        subscriptions: model.subscriptions.ofStage(row.uniqueId),
      });
    },
    stageDocument: async ({ params }, reply) => {
      const { row, entry } = await readStage(await models.whole(), params['uniqueId'] ?? '');
      const bytes = entry.document.state === 'stored' ? await documents.get(entry.document.ref) : undefined;
      if (!bytes) throw new ApiProblem(404, 'there is no document of this stage');
      const name = `${row.restApiId}-${row.stage}.json`.replace(/[^\w.-]/gu, '_');
      return reply
        .header('content-type', 'application/json')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(bytes);
    },
    explain: async ({ params, query }) => {
      const model = await models.whole();
      const { row, entry } = await readStage(model, params['uniqueId'] ?? '');
      return explained(parts, model, row, entry, query.filter);
    },
    why: ({ params }) => explain(parts, params['query'] ?? ''),
    whyInAws: ({ params, by }) => {
      const query = params['query'] ?? '';
      publishEvent(context.broker, 'operator', {
        at: context.clock.now(),
        integrationId: '',
        actor: { kind: 'operator', name: by },
        outcome: 'ok',
        what: 'look',
        detail: query,
      });
      return explain(parts, query, by);
    },
  };
}

/** @param by an operator who wants to look in AWS for what the catalog does not have */
async function explain(parts: ConsoleParts, query: string, by?: string): Promise<Why> {
  const model = await parts.models.whole();
  const rows = model.estate.find(query, mostExplained);
  const looked = rows.length === 0 && by !== undefined ? await look(parts, query, by) : undefined;
  const told = await Promise.all(rows.map((row) => toldOf(parts, model, row)));
  const { chain } = await readOverview(parts);
  return whyOf({
    query,
    rows: rows.map((row, index) => ({ ...row, told: told[index] })),
    look: looked?.found,
    notLooked: looked?.why,
    targets: model.targets(),
    chain,
  });
}

async function readStage(
  model: ReadModel,
  uniqueId: string,
): Promise<{ readonly row: StageRow; readonly entry: CatalogEntry }> {
  const row = model.estate.byUniqueId(uniqueId);
  const entry = row && (await model.catalog.get(catalogKeys.entry(row.integrationId, row)));
  if (!row || !entry) throw new ApiProblem(404, `the catalog has no ${uniqueId}: /api/why says more`);
  return { row, entry: entry.value };
}

/** @throws ApiProblem for a filter that cannot be read, with a caret below the place */
async function explained(
  { context }: ConsoleParts,
  model: ReadModel,
  row: StageRow,
  entry: CatalogEntry,
  tried: string | undefined,
): Promise<Explanation> {
  const { integrationId } = row;
  const provider = context.config.integration.providers.find((one) => one.integrationId === integrationId);
  if (!provider) throw new ApiProblem(404, `the integration ${integrationId} is not configured here`);
  const { configuration } = provider;
  try {
    const explanation = explanationOf(row, entry, configuration, tried);
    if (tried === undefined) return explanation;
    const entries = await model.catalog.select(
      catalogKeys.ofIntegration(integrationId),
      ({ value }) => value,
    );
    return { ...explanation, trial: trialOf(entries, configuration, tried) };
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw new ApiProblem(
      400,
      `the filter cannot be read ${error.message}\n${pointAt(tried ?? '', error.column)}`,
    );
  }
}

/** The newest job that has the stage, of those whose lists are still there. */
async function toldOf(
  { payloads }: ConsoleParts,
  model: ReadModel,
  row: StageRow,
): Promise<StageDetail['told']> {
  const jobs = model.jobs().filter(({ integrationId }) => integrationId === row.integrationId);
  for (const job of jobs.slice(0, mostJobs)) {
    const items = 'inline' in job.items ? job.items.inline : await listOf(payloads, job.items.ref);
    const told = toldBy(job, items, row.uniqueId);
    if (told) return told;
  }
  return undefined;
}

const List = z.array(z.string());

async function listOf(
  payloads: ConsoleParts['payloads'],
  ref: Parameters<ConsoleParts['payloads']['get']>[0],
): Promise<readonly string[]> {
  const bytes = await payloads.get(ref);
  return bytes ? List.parse(JSON.parse(bytes.toString('utf8'))) : [];
}

/** Has aws-discovery look for an API that the catalog does not have, in every integration. */
async function look(
  { context }: ConsoleParts,
  query: string,
  by: string,
): Promise<{ readonly found?: LookFound; readonly why?: string }> {
  const { broker, config } = context;
  const text = parseApiUniqueId(query)?.restApiId ?? query;
  const found: LookFound = { apis: [], failures: [] };
  let why: string | undefined;
  let answered = false;
  for (const { integrationId } of config.integration.providers) {
    const subject = broker.subjects.operator('look', integrationId);
    try {
      const request = { integrationId, text, by };
      const one = await askOperator(broker, { who: 'aws-discovery', subject, request }, LookFound);
      answered = true;
      found.apis.push(...one.apis);
      found.failures.push(...one.failures);
    } catch (error) {
      why = describeError(error);
    }
  }
  return answered ? { found } : { why: why ?? 'no integration is configured' };
}
