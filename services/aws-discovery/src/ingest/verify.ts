/**
 * Calls GetStages before an API is sent, once per API and job. A plan may name a stage that was deleted in AWS,
 * and APIM never forgets an API. So a stage that GetStages never showed must be seen first. A stage that scans read
 * less often, because it has not changed for long, is read again; when that fails, it is sent as it was.
 */
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import { UnreadableRecordError } from '@federation-agent/broker';
import { readCatalogOfApi } from '../catalog/catalog.ts';
import type { Discovery, Integration } from '../deps.ts';
import { errorAdvice, fixForCode, type ErrorSummary } from '../error-advice.ts';
import { applyStages } from '../scan/apply.ts';
import { stageReadIntervals } from '../scan/quiet.ts';
import { readStages, toLists } from '../scan/read.ts';
import type { StagesSeen } from '../scan/seen.ts';
import { TargetAwayError, type JobAws } from './job-aws.ts';
import { noLongerListedError, LeftOutError } from './left-out.ts';

/**
 * @returns whether the entry may have changed
 * @throws LeftOutError, TargetAwayError; BrokerUnavailableError, AwsCallStopped at the signal
 */
export type Verify = (entry: CatalogEntry) => Promise<boolean>;

export interface VerifyOptions {
  readonly discovery: Discovery;
  readonly integration: Integration;
  readonly aws: JobAws;
  readonly signal: AbortSignal;
  /** Has the job and its integration as fields. */
  readonly log: Telemetry['log'];
}

type Place = Pick<CatalogEntry, 'account' | 'region'>;

/** For one job: it remembers what was asked for. */
export function createVerify({ discovery, integration, aws, signal, log }: VerifyOptions): Verify {
  const { integrationId, schedule } = integration.settings;
  const asked = new Map<string, Promise<StagesSeen>>();
  const allRead = new Map<string, Promise<boolean>>();
  const saidAway = new Set<string>();

  return async (entry) => {
    if (!entry.verified) {
      const seen = await stagesOf(entry);
      if (seen.kind === 'gone') throw noLongerListedError();
      if (seen.kind === 'failed')
        throw new LeftOutError(
          `AWS could not be asked whether its stage exists: ${seen.reason}`,
          fixForCode(seen.code),
        );
      return true;
    }
    const { intervalOf } = stageReadIntervals(discovery.clock.now(), integration.settings);
    // Looks only at this stage. When another stage of the API has just changed, this makes one call too many.
    if (intervalOf([entry]) === undefined || (await once(allRead, placeOf(entry), () => readAll(entry))))
      return false;
    try {
      const seen = await stagesOf(entry);
      if (seen.kind === 'gone') throw noLongerListedError();
      if (seen.kind === 'failed') sayKept(entry, { ...seen, fix: fixForCode(seen.code) });
      return true;
    } catch (error) {
      if (!(error instanceof TargetAwayError)) throw error;
      sayAway(entry, error);
      return false;
    }
  };

  function stagesOf(entry: CatalogEntry): Promise<StagesSeen> {
    return once(asked, catalogKeys.ofApi(integrationId, entry), async () => {
      const { restApiId } = entry;
      const { target, breaker } = await aws.of(entry, 'stages');
      const stages = await readStages(target, entry, 'scan', signal);
      breaker.note(stages.kind === 'failed' && stages.notNow ? 'not now' : 'ok');
      const known = await readCatalogOfApi(discovery, integrationId, entry);
      // No lists were read, so known entries keep what the last lists said.
      const lists = toLists([], [], discovery.clock.now());
      await applyStages(discovery, integration, target, { lists, restApiId, stages }, known);
      return stages;
    });
  }

  /** Whether the last scan that left nothing out is as recent as the schedule asks for. */
  async function readAll({ account, region }: Place): Promise<boolean> {
    try {
      const record = await discovery.scans.get(catalogKeys.scan(integrationId, account, region));
      const { lastCompleteAt, stagesReadAt = lastCompleteAt } = record?.value ?? {};
      return stagesReadAt !== undefined && !schedule.apart(stagesReadAt, discovery.clock.now());
    } catch (error) {
      if (error instanceof UnreadableRecordError) return false;
      throw error;
    }
  }

  function sayKept(entry: CatalogEntry, why: ErrorSummary & { readonly fix: string }): void {
    const { uniqueId, account, region, restApiId, stage } = entry;
    const { code, reason, fix } = why;
    log.warn(
      { uniqueId, account, region, restApiId, stage, code, reason, fix },
      'an API is sent with its last good state: AWS could not be asked whether it has changed since the last scan that read it',
    );
  }

  function sayAway(place: Place, error: TargetAwayError): void {
    if (saidAway.has(placeOf(place))) return;
    saidAway.add(placeOf(place));
    const { account, region } = place;
    log.warn(
      { account, region, ...errorAdvice(error) },
      'APIs of a target are sent with their last good state: AWS cannot be asked now whether they have changed',
    );
  }
}

function placeOf({ account, region }: Place): string {
  return `${account}/${region}`;
}

function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before) return before;
  const asking = ask();
  known.set(key, asking);
  return asking;
}
