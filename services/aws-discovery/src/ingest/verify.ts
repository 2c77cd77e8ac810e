/**
 * GetStages before an API is sent, once per REST API and job. A plan may name a stage that is gone in AWS, and APIM forgets
 * no API: one that GetStages never showed must be seen. One that scans leave alone, as it has not changed for long, is looked
 * at again; where that fails it is sent as it was.
 */
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import { UnreadableRecordError } from '@federation-agent/broker';
import { readCatalogOfApi } from '../catalog/catalog.ts';
import type { Discovery, Integration } from '../deps.ts';
import { errorAdvice, fixForCode, type ErrorSummary } from '../error-advice.ts';
import { applyStages } from '../scan/apply.ts';
import { quietAt } from '../scan/quiet.ts';
import { readStages, toLists } from '../scan/read.ts';
import type { StagesSeen } from '../scan/seen.ts';
import { TargetAwayError, type JobAws } from './job-aws.ts';
import { noLongerListedError, LeftOutError } from './left-out.ts';

/**
 * @returns whether the entry may be another one now
 * @throws LeftOutError, TargetAwayError; BrokerUnavailableError, AwsCallStopped at the signal
 */
export type Verify = (entry: CatalogEntry) => Promise<boolean>;

export interface VerifyOptions {
  readonly discovery: Discovery;
  readonly integration: Integration;
  readonly aws: JobAws;
  readonly signal: AbortSignal;
  /** Names the job and its integration. */
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
          `whether its stage is there cannot be told: ${seen.reason}`,
          fixForCode(seen.code),
        );
      return true;
    }
    const { intervalOf } = quietAt(discovery.clock.now(), integration.settings);
    // By this stage alone: where another one of the API has just changed, this asks once too often.
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
      const stages = await readStages(target, restApiId, 'scan', signal);
      breaker.note(stages.kind === 'failed' && stages.notNow ? 'not now' : 'ok');
      const known = await readCatalogOfApi(discovery, integrationId, entry);
      // No lists were read: entries that are known keep what the lists said of them.
      const lists = toLists([], [], discovery.clock.now());
      await applyStages(discovery, integration, target, { lists, restApiId, stages }, known);
      return stages;
    });
  }

  /** Whether the last scan that left nothing out is as young as the schedule has them. */
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
      'an API is sent with its last good state: whether it has changed since the last scan that looked at it cannot be told',
    );
  }

  function sayAway(place: Place, error: TargetAwayError): void {
    if (saidAway.has(placeOf(place))) return;
    saidAway.add(placeOf(place));
    const { account, region } = place;
    log.warn(
      { account, region, ...errorAdvice(error) },
      'APIs of a target are sent with their last good state: whether they have changed cannot be told now',
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
