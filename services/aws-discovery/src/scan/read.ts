/** Reads AWS, and notes what failed. A list is returned only when every page of it was read. */
import {
  AwsError,
  AwsNotFound,
  type GatewayApi,
  type Priority,
  type Target,
  type UsagePlan,
} from '@federation-agent/aws-control-plane';
import { dispositionOf } from '@federation-agent/broker';
import type { Limits } from '@federation-agent/contracts';
import { errorSummary } from '../error-advice.ts';
import type { IntegrationSettings } from '../settings.ts';
import { optIns, type OptIns } from './opt-ins.ts';
import { plansByStage } from './scope.ts';
import type { Lists, StagesSeen, V2Unread } from './seen.ts';

export interface ReadListsContext {
  readonly settings: Pick<IntegrationSettings, 'integrationId' | 'v2Types'>;
  readonly optIns: OptIns;
  readonly limits: Pick<Limits, 'discoverDeadlineWithCatalog'>;
  readonly priority: Priority;
  /** Epoch ms: the time that the read counts for. */
  readonly readAt: number;
  readonly signal?: AbortSignal | undefined;
}

/** @throws AwsError when REST APIs or usage plans could not be read in full */
export async function readLists(target: Target, context: ReadListsContext): Promise<Lists> {
  const { priority, readAt, signal } = context;
  const { reads } = target;
  const [restApis, usagePlans, v2] = await Promise.all([
    reads.restApis(priority, signal),
    reads.usagePlans(priority, signal),
    readV2(target, context),
  ]);
  const lists = toLists([...restApis, ...(v2.apis ?? [])], usagePlans, readAt);
  return v2.unread ? { ...lists, v2Unread: v2.unread } : lists;
}

/** Both types come in one list. When it cannot be read, only they are unknown. */
async function readV2(
  { v2, account, region }: Target,
  { settings: { v2Types, integrationId }, optIns: known, limits, priority, signal }: ReadListsContext,
): Promise<{ readonly apis?: readonly GatewayApi[]; readonly unread?: V2Unread }> {
  if (v2Types.length === 0) return {};
  const place = { integrationId, account, region };
  const refusal = known.refusal(optIns.v2, place);
  // Only scans ask again: the answer of a command is due within seconds.
  if (refusal && priority === 'command') return { unread: { ...refusal, refused: true } };
  try {
    const apis = await v2.apis(priority, priority === 'command' ? patience(limits, signal) : signal);
    known.read(optIns.v2, place);
    return { apis: apis.filter(({ apiType }) => apiType !== undefined && v2Types.includes(apiType)) };
  } catch (error) {
    if (signal?.aborted || !(error instanceof AwsError)) throw error;
    const passing = known.failed(optIns.v2, place, error);
    return { unread: { ...errorSummary(error), refused: passing === undefined } };
  }
}

/** A command has an answer without these APIs: it must not miss its deadline for them. */
function patience(
  { discoverDeadlineWithCatalog }: ReadListsContext['limits'],
  signal: AbortSignal | undefined,
): AbortSignal {
  return AbortSignal.any([AbortSignal.timeout(discoverDeadlineWithCatalog / 2), ...(signal ? [signal] : [])]);
}

export function toLists(
  apis: readonly GatewayApi[],
  usagePlans: readonly UsagePlan[],
  readAt: number,
): Lists {
  return {
    apis: new Map(apis.map((api) => [api.id, api])),
    usagePlans,
    plans: plansByStage(usagePlans),
    readAt,
  };
}

/** Of which API stages are read. */
export interface ApiOfStages extends Pick<GatewayApi, 'apiType'> {
  readonly restApiId: string;
}

/**
 * One GetStages; there is no batch form. A failure concerns only this API, and is returned as an answer.
 *
 * @throws AwsCallStopped when the signal stopped it: nothing was learnt
 */
export async function readStages(
  { reads, v2 }: Pick<Target, 'reads' | 'v2'>,
  { restApiId, apiType }: ApiOfStages,
  priority: Priority,
  signal?: AbortSignal,
): Promise<StagesSeen> {
  try {
    const read = apiType === undefined ? reads : v2;
    const stages = await read.stages(restApiId, priority, signal);
    return { kind: 'read', stages: new Map(stages.map((stage) => [stage.name, stage])) };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof AwsNotFound) return { kind: 'gone' };
    const { code, reason } = errorSummary(error);
    return {
      kind: 'failed',
      code,
      // The id of an AWS request differs every time: with it, the entry would be written at every scan.
      reason: reason.replace(/ \(AWS request [^)]*\)/u, ''),
      notNow: dispositionOf(error) === 'retryable',
    };
  }
}
