/** What the keys of an integration say of a stage. Pure. */
import {
  explainFilter,
  filterVerdicts,
  parseFilter,
  stageFilter,
  type AwsProviderConfiguration,
  type CatalogEntry,
} from '@federation-agent/contracts';
import type { Explanation, StageRow } from '../api/index.ts';

/** @param tried in place of the configured filter. @throws FilterSyntaxError */
export function explanationOf(
  { uniqueId, name, state }: StageRow,
  entry: CatalogEntry,
  configuration: AwsProviderConfiguration,
  tried?: string,
): Omit<Explanation, 'trial'> {
  const keys = withFilter(configuration, tried);
  const { filter } = keys;
  const comparisons = filter === undefined ? [] : explainFilter(parseFilter(filter), entry);
  return {
    uniqueId,
    name,
    state,
    keys: filterVerdicts(keys, entry).map(({ key, passes }) => ({
      key,
      value: valueOf(keys[key]),
      passes: passes === true,
    })),
    comparisons: comparisons.map(({ text, seen, verdict }) => ({
      text,
      seen: [...seen],
      passes: verdict === true,
    })),
  };
}

/** What another filter would do to these entries. @throws FilterSyntaxError */
export function trialOf(
  entries: readonly CatalogEntry[],
  configuration: AwsProviderConfiguration,
  tried: string,
): NonNullable<Explanation['trial']> {
  const [now, then] = [stageFilter(configuration), stageFilter(withFilter(configuration, tried))];
  const trial = { passesNow: 0, passesThen: 0, gained: 0, lost: 0 };
  for (const entry of entries) {
    const [before, after] = [now(entry), then(entry)];
    trial.passesNow += Number(before);
    trial.passesThen += Number(after);
    trial.gained += Number(!before && after);
    trial.lost += Number(before && !after);
  }
  return trial;
}

function withFilter(
  configuration: AwsProviderConfiguration,
  tried: string | undefined,
): AwsProviderConfiguration {
  return tried === undefined ? configuration : { ...configuration, filter: tried };
}

function valueOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
