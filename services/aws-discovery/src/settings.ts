/** The configuration of one integration in the form that discovery uses. */
import { createHash } from 'node:crypto';
import {
  apiFilter,
  defaultSchedule,
  onlyStage,
  readInterval,
  stageFilter,
  type AgentConfig,
  type Limits,
  type ProviderConfig,
  type StageFilter,
  type StageOfApi,
} from '@federation-agent/contracts';
import type { Showing } from './mapping/template.ts';
import { parseSchedule, scaled, type Schedule } from './scan/schedule.ts';

export interface IntegrationSettings extends Showing {
  readonly integrationId: string;
  /** Stages without a usage plan are wanted too. */
  readonly acceptApiWithoutUsagePlan: boolean;
  /** The types beside REST APIs that are wanted. */
  readonly v2Types: readonly ('HTTP' | 'WEBSOCKET')[];
  readonly customDomains: boolean;
  readonly accountLimits: boolean;
  readonly removeDetachedPlans: boolean;
  readonly schedule: Schedule;
  /** Scans may wait while changes are heard as they happen: nobody configured a schedule. */
  readonly scansRarely: boolean;
  /** Ms: scans read the stages of an API at least this often, however long it has not changed. */
  readonly stagesAtLeast: number;
  readonly filter: StageFilter;
  /** False: no stage of this API passes the filter. */
  readonly mayPass: (api: Omit<StageOfApi, 'stage'>) => boolean;
  /** Hash of the settings that decide the catalog. */
  readonly fingerprint: string;
}

export function allSettings(config: AgentConfig, limits: Limits): IntegrationSettings[] {
  return config.integration.providers.map((provider) => integrationSettings(provider, limits));
}

function integrationSettings(provider: ProviderConfig, limits: Limits): IntegrationSettings {
  const { configuration, integrationId } = provider;
  const { acceptApiWithoutUsagePlan, removeDetachedPlans, stage, include, exclude, apiName } = configuration;
  const v2Types = [
    ...((configuration.httpApis ?? acceptApiWithoutUsagePlan) ? (['HTTP'] as const) : []),
    ...(configuration.webSocketApis ? (['WEBSOCKET'] as const) : []),
  ];
  const schedule = configuration.schedule ?? defaultSchedule;
  const decisive = [acceptApiWithoutUsagePlan, removeDetachedPlans, stage ?? null, include, exclude];
  return {
    integrationId,
    acceptApiWithoutUsagePlan,
    v2Types,
    customDomains: configuration.customDomains,
    accountLimits: configuration.accountLimits,
    removeDetachedPlans,
    schedule: parseSchedule(schedule, limits),
    scansRarely: configuration.schedule === undefined,
    stagesAtLeast: scaled(readInterval(configuration.stagesAtLeast) ?? 0, limits),
    filter: stageFilter(configuration),
    mayPass: apiFilter(configuration),
    versionTemplate: configuration.apiVersion,
    groupTemplate: configuration.apiGroup,
    ownerTag: configuration.ownerTag,
    contactTag: configuration.contactTag,
    nameTemplate: apiName ?? (onlyStage(configuration) === undefined ? '{name} ({stage})' : '{name}'),
    fingerprint: createHash('sha256')
      .update(
        // What is off is left out, so that an agent of before and its successor have the same hash.
        JSON.stringify([
          ...decisive,
          schedule,
          ...(v2Types.length > 0 ? [v2Types] : []),
          ...(configuration.filter === undefined ? [] : [configuration.filter]),
          ...(configuration.customDomains ? ['domains'] : []),
          ...(configuration.accountLimits ? ['account'] : []),
        ]),
      )
      .digest('hex'),
  };
}
