/** Why an API is or is not in APIM, in sentences. Pure. */
import type { LookFound } from '@federation-agent/contracts';
import { hiddenTexts } from './stage-row.ts';
import type { ListingReason, Overview, ScanTarget, StageDetail, StageRow, Why } from '../api/index.ts';

export interface WhyFacts {
  readonly query: string;
  readonly rows: readonly (StageRow & { readonly told?: StageDetail['told'] })[];
  /** What AWS shows that the catalog does not have; undefined: nobody looked. */
  readonly look: LookFound | undefined;
  /** Why nobody could look, although somebody asked. */
  readonly notLooked: string | undefined;
  readonly targets: readonly ScanTarget[];
  readonly chain: Overview['chain'];
}

export function whyOf({ query, rows, look, notLooked, targets, chain }: WhyFacts): Why {
  const matches = [...rows.map((row) => match(row, targets)), ...unlisted(rows, look)];
  const [first] = matches;
  const answer =
    first === undefined
      ? notFound(query, look, notLooked)
      : matches.length === 1
        ? first.answer
        : `${matches.length} stages match; each has its answer`;
  return { query, answer, matches, also: alsoOf(chain, targets, look) };
}

function match(
  row: StageRow & { readonly told?: StageDetail['told'] },
  targets: readonly ScanTarget[],
): Why['matches'][number] {
  const { uniqueId, name, state, told } = row;
  const reasons = [...row.reasons, ...staleTarget(row, targets)];
  return { uniqueId, name, state, answer: answerOf(row, reasons), reasons, ...(told && { told }) };
}

function answerOf(
  { name, stage, state, told }: Parameters<typeof match>[0],
  reasons: readonly ListingReason[],
): string {
  const it = `${name}, stage ${stage},`;
  if (state === 'hidden')
    return `${it} is not in APIM: ${reasons[0]?.text ?? 'the agent hides it'}. ${fixOf(reasons)}`;
  const stale = reasons[0] ? ` What is listed may be old: ${reasons[0].text}.` : '';
  if (told?.state === 'waiting')
    return `${it} is listed; the ingest that runs has not come to it yet.${stale}`;
  if (told?.state === 'sent') return `${it} is listed, and the last ingest sent it to APIM.${stale}`;
  return `${it} is listed, but no known ingest has sent it: run a discovery or an ingest in the APIM console.${stale}`;
}

function fixOf(reasons: readonly ListingReason[]): string {
  const fix = reasons[0]?.fix ?? '';
  return fix === '' ? '' : `What to do: ${fix}.`;
}

function staleTarget(row: StageRow, targets: readonly ScanTarget[]): ListingReason[] {
  const target = targets.find(
    ({ integrationId, account, region }) =>
      integrationId === row.integrationId && account === row.account && region === row.region,
  );
  if (target?.failure === undefined) return [];
  return [
    {
      code: 'target-stale',
      text: `the last scan of ${row.account}/${row.region} was not complete: ${target.failure}`,
      fix: 'the next scan tries again; the doctor says what AWS denies',
      ...(target.lastAttemptAt !== undefined && { since: target.lastAttemptAt }),
    },
  ];
}

/** APIs that AWS has and the catalog does not: mostly no usage plan has a stage of them. */
function unlisted(rows: readonly StageRow[], look: LookFound | undefined): Why['matches'] {
  const known = new Set(rows.map(({ account, region, restApiId }) => `${account} ${region} ${restApiId}`));
  return (look?.apis ?? [])
    .filter(({ account, region, restApiId }) => !known.has(`${account} ${region} ${restApiId}`))
    .map((api) => {
      const { account, region, restApiId, name, stagesInPlans } = api;
      const [stage = '-'] = Object.keys(stagesInPlans);
      const reason = whyUnlisted(api);
      return {
        uniqueId: `${account}:${region}:${restApiId}:${stage}`,
        name,
        state: 'hidden' as const,
        answer: `${name} (${restApiId}) is not in APIM: ${reason.text}. What to do: ${reason.fix}.`,
        reasons: [reason],
      };
    });
}

function whyUnlisted({ apiType, stagesInPlans, filtered }: LookFound['apis'][number]): ListingReason {
  const stages = Object.keys(stagesInPlans);
  if (filtered) return { code: 'filtered', ...hiddenTexts.filtered };
  if (apiType !== undefined)
    return {
      code: 'target-stale',
      text: 'AWS has it, but no scan has seen a stage of it yet',
      fix: 'give it a stage in AWS; then scan',
    };
  return stages.length === 0
    ? {
        code: 'no-plan',
        text: 'AWS has it, but no usage plan has any of its stages, and only stages in a usage plan are listed',
        fix: 'put a stage into a usage plan in AWS, or set acceptApiWithoutUsagePlan; then scan',
      }
    : {
        code: 'target-stale',
        text: `AWS has it, and usage plans have its stages ${stages.join(', ')}, but no scan has seen that yet`,
        fix: 'scan now',
      };
}

function notFound(query: string, look: LookFound | undefined, notLooked: string | undefined): string {
  const unknown = `the catalog has no API with the id or name ${query}`;
  if (notLooked !== undefined) return `${unknown}, and AWS could not be asked: ${notLooked}`;
  if (look === undefined)
    return `${unknown}: the configuration leaves it out, or no usage plan has a stage of it, or no scan has seen it yet, or it is in no account and region that the agent reads. An operator can look in AWS: on the page of the estate, or with ctl why --aws`;
  return `neither the catalog nor AWS has an API with the id or name ${query}, in any account and region that the agent reads: check the name, and the targets of the integration`;
}

function alsoOf(
  chain: Overview['chain'],
  targets: readonly ScanTarget[],
  look: LookFound | undefined,
): string[] {
  return [
    ...chain
      .filter(({ id, state }) => id !== 'aws' && state === 'down')
      .map(({ name, reason }) => `${name} is down: ${reason ?? 'no reason is known'}`),
    ...targets
      .filter(({ failure }) => failure !== undefined)
      .map(({ account, region, failure }) => `${account}/${region} could not be read: ${failure ?? ''}`),
    ...(look?.failures ?? []).map((failure) => `AWS could not be asked: ${failure}`),
  ];
}
