import { checkKey, createKey } from './api-keys.ts';
import { readCsv } from './csv.ts';
import { AwsError, badRequest } from './errors.ts';
import { attachKey, findPlan } from './usage-plans.ts';
import type { RegionContext } from './region-context.ts';
import type { ApiKey } from './store.ts';

/** One line of the file. Absent columns are undefined. */
export interface ImportedKey {
  readonly name: string | undefined;
  readonly key: string;
  readonly description: string | undefined;
  readonly enabled: boolean;
  readonly planIds: readonly string[];
}

/** The answer of ImportApiKeys. */
export interface ImportResult {
  readonly ids: string[];
  readonly warnings: string[];
}

/**
 * Reads the API key file: a header with the columns name, key, description, enabled and usageplanids, in any case and
 * order (developer guide, "API key file format"). `key` is required; `enabled` is true unless it says false.
 * @throws AwsError 400
 */
export function readKeyFile(text: string): ImportedKey[] {
  const [header = [], ...rows] = readCsv(text);
  const columns = header.map((name) => name.trim().toLowerCase());
  if (!columns.includes('key')) throw badRequest('Invalid API key file: the header has no column key');
  return rows.map((row) => {
    const at = (name: string) => (columns.includes(name) ? row[columns.indexOf(name)] : undefined);
    return {
      name: at('name'),
      key: (at('key') ?? '').trim(),
      description: at('description'),
      enabled: (at('enabled') ?? '').trim().toLowerCase() !== 'false',
      planIds: (at('usageplanids') ?? '')
        .split(',')
        .map((id) => id.trim())
        .filter((id) => id !== ''),
    };
  });
}

/**
 * Imports the lines of a key file. When a key has the value already, that key is overwritten, stays in its plans, and
 * its id is answered. A line that is wrong, or a plan that cannot be attached, is a warning; with `failOnWarnings` the
 * first one undoes the whole import.
 * @throws AwsError 400 (warnings with `failOnWarnings`), 429 LimitExceededException (10,000 keys)
 */
export function importKeys(
  context: RegionContext,
  lines: readonly ImportedKey[],
  failOnWarnings: boolean,
): ImportResult {
  const undo = snapshotKeys(context);
  const result: ImportResult = { ids: [], warnings: [] };
  try {
    for (const line of lines) importLine(context, line, result);
    if (failOnWarnings && result.warnings.length > 0) throw badRequest(result.warnings.join('; '));
  } catch (error) {
    undo();
    throw error;
  }
  return result;
}

function importLine(context: RegionContext, line: ImportedKey, result: ImportResult): void {
  const key = warned(result, () => {
    if (line.key === '') throw badRequest('API Key value should be at least 20 characters');
    return upsert(context, line);
  });
  if (key === undefined) return;
  result.ids.push(key.id);
  for (const planId of line.planIds) {
    warned(result, () => {
      if (!findPlan(context.region, planId).keyIds.includes(key.id)) attachKey(context, planId, key.id);
    });
  }
}

function upsert(context: RegionContext, line: ImportedKey): ApiKey {
  const { name, key: value, description, enabled } = line;
  checkKey({ name, value, description });
  const known = context.region.keys.get(context.region.keyIdByValue.get(value) ?? '');
  if (known === undefined) return createKey(context, { name, value, description, enabled });
  known.name = name ?? known.name;
  known.description = description ?? known.description;
  known.enabled = enabled;
  known.lastUpdatedDate = context.now;
  return known;
}

/** Runs a step. What API Gateway would refuse becomes a warning; a used-up quota stays an error. */
function warned<Result>(result: ImportResult, step: () => Result): Result | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof AwsError) || error.status === 429) throw error;
    result.warnings.push(error.message);
    return undefined;
  }
}

/** Remembers keys and associations; the returned function restores them. */
function snapshotKeys({ region }: RegionContext): () => void {
  const keys = [...region.keys.values()].map((key) => ({ ...key }));
  const attached = [...region.plans.values()].map((plan) => ({ plan, keyIds: plan.keyIds }));
  return () => {
    region.keys.clear();
    region.keyIdByValue.clear();
    for (const key of keys) {
      region.keys.set(key.id, key);
      region.keyIdByValue.set(key.value, key.id);
    }
    for (const { plan, keyIds } of attached) plan.keyIds = keyIds;
  };
}
