/** Which stages of which APIs the user wants. Pure. */
import type { AwsProviderConfiguration } from './config.ts';
import { evaluateFilter, type FilterSubject, type Verdict } from './filter/evaluate.ts';
import { matches } from './filter/pattern.ts';
import { parseFilter } from './filter/syntax.ts';

export interface StageOfApi extends FilterSubject {
  readonly stage: string;
}

export type StageFilter = (candidate: StageOfApi) => boolean;

type NameFilter = AwsProviderConfiguration['include'];
type Keys = Pick<AwsProviderConfiguration, 'stage' | 'include' | 'exclude' | 'filter'>;

/**
 * `stage`, `include` and `filter` must all let a stage pass (within a list one match is enough), and nothing in
 * `exclude` may match. Names and stages may contain `*`; a tag is `key` or `key=value`. Case matters, as in AWS.
 */
export function stageFilter(configuration: Keys): StageFilter {
  const { stage: stages, include, exclude, filter } = configuration;
  const expression = filter === undefined ? undefined : parseFilter(filter);
  return (candidate) =>
    (stages === undefined || stages.includes(candidate.stage)) &&
    tests(include).every((test) => test(candidate)) &&
    !tests(exclude).some((test) => test(candidate)) &&
    (expression === undefined || evaluateFilter(expression, candidate) === true);
}

/** What each of the keys says of a stage; those that are not set are left out. */
export function filterVerdicts(
  { stage, include, exclude, filter }: Keys,
  candidate: StageOfApi,
): { readonly key: keyof Keys; readonly passes: Verdict }[] {
  return [
    ...(stage ? [{ key: 'stage' as const, passes: stage.includes(candidate.stage) }] : []),
    ...(tests(include).length > 0
      ? [{ key: 'include' as const, passes: tests(include).every((test) => test(candidate)) }]
      : []),
    ...(tests(exclude).length > 0
      ? [{ key: 'exclude' as const, passes: !tests(exclude).some((test) => test(candidate)) }]
      : []),
    ...(filter === undefined
      ? []
      : [{ key: 'filter' as const, passes: evaluateFilter(parseFilter(filter), candidate) }]),
  ];
}

/**
 * Whether any stage of an API can pass, judged by what is known before its stages are read. The stages of other APIs
 * need not be read.
 */
export function apiFilter({
  include,
  exclude,
  filter,
}: Pick<Keys, 'include' | 'exclude' | 'filter'>): (api: Omit<StageOfApi, 'stage'>) => boolean {
  const [included, excluded] = [include, exclude].map(({ stages: _any, ...rest }) => tests(rest));
  const expression = filter === undefined ? undefined : parseFilter(filter);
  return (api) =>
    (included ?? []).every((test) => test({ ...api, stage: '' })) &&
    !(excluded ?? []).some((test) => test({ ...api, stage: '' })) &&
    (expression === undefined || evaluateFilter(expression, { ...api, stage: undefined }) !== false);
}

/** The only stage that the filter lets pass, if it names exactly one. */
export function onlyStage(
  configuration: Pick<AwsProviderConfiguration, 'stage' | 'include'>,
): string | undefined {
  const stages = configuration.stage ?? configuration.include.stages ?? [];
  const [only, ...more] = stages;
  return only !== undefined && more.length === 0 && !only.includes('*') ? only : undefined;
}

function tests({ names, tags, stages }: NameFilter): StageFilter[] {
  return [
    ...(names ? [(it: StageOfApi) => names.some((pattern) => matches(pattern, it.name))] : []),
    ...(tags ? [(it: StageOfApi) => tags.some((tag) => hasTag(tag, it.tags))] : []),
    ...(stages ? [(it: StageOfApi) => stages.some((pattern) => matches(pattern, it.stage))] : []),
  ];
}

function hasTag(tag: string, tags: Readonly<Record<string, string>>): boolean {
  if (Object.hasOwn(tags, tag)) return true;
  const split = tag.indexOf('=');
  return split > 0 && tags[tag.slice(0, split)] === tag.slice(split + 1);
}
