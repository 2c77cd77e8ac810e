/** Which stages of which REST APIs the user wants. Pure. */
import type { AwsProviderConfiguration } from './config.ts';

export interface StageOfApi {
  readonly name: string;
  readonly stage: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type StageFilter = (candidate: StageOfApi) => boolean;

type NameFilter = AwsProviderConfiguration['include'];

/**
 * `stage` and `include` must both let a stage pass (within a list one match is enough), and nothing in `exclude` may
 * match. Names and stages may contain `*`; a tag is `key` or `key=value`. Case matters, as in AWS.
 */
export function stageFilter(
  configuration: Pick<AwsProviderConfiguration, 'stage' | 'include' | 'exclude'>,
): StageFilter {
  const { stage: stages, include, exclude } = configuration;
  return (candidate) =>
    (stages === undefined || stages.includes(candidate.stage)) &&
    tests(include).every((test) => test(candidate)) &&
    !tests(exclude).some((test) => test(candidate));
}

/** Whether any stage of an API can pass, judged by name and tags alone. The stages of other APIs need not be read. */
export function apiFilter({
  include,
  exclude,
}: Pick<AwsProviderConfiguration, 'include' | 'exclude'>): (api: Omit<StageOfApi, 'stage'>) => boolean {
  const [included, excluded] = [include, exclude].map(({ stages: _any, ...rest }) => tests(rest));
  return (api) =>
    (included ?? []).every((test) => test({ ...api, stage: '' })) &&
    !(excluded ?? []).some((test) => test({ ...api, stage: '' }));
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

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^]*')}$`, 'u').test(text);
}

function hasTag(tag: string, tags: Readonly<Record<string, string>>): boolean {
  if (Object.hasOwn(tags, tag)) return true;
  const split = tag.indexOf('=');
  return split > 0 && tags[tag.slice(0, split)] === tag.slice(split + 1);
}
