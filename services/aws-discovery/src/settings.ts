/** What the configuration of one integration says to discovery, ready to use. */
import { createHash } from 'node:crypto';
import { ConfigurationError } from '@federation-agent/service-kit';
import type { AgentConfig, Limits, ProviderConfig } from '@federation-agent/contracts';
import { apiFilter, onlyStage, stageFilter, type StageFilter, type StageOfApi } from './mapping/filter.ts';
import { parseSchedule, type Schedule } from './scan/schedule.ts';

export interface IntegrationSettings {
  readonly integrationId: string;
  /** Stages that are in no usage plan are wanted too. */
  readonly acceptApiWithoutUsagePlan: boolean;
  readonly removeDetachedPlans: boolean;
  readonly schedule: Schedule;
  readonly filter: StageFilter;
  /** False: no stage of this API passes the filter. */
  readonly mayPass: (api: Omit<StageOfApi, 'stage'>) => boolean;
  readonly nameTemplate: string;
  /** Hash of what decides the catalog. */
  readonly fingerprint: string;
}

/** @throws ConfigurationError with a line per schedule that cannot be read */
export function allSettings(config: AgentConfig, limits: Limits): IntegrationSettings[] {
  const wrong: string[] = [];
  const settings = config.integration.providers.flatMap((provider, index) => {
    const schedule = parseSchedule(provider.configuration.schedule, limits);
    if (schedule) return [integrationSettings(provider, schedule)];
    wrong.push(
      `integration.providers[${index}].configuration.schedule: must be an interval of 10 seconds or more such as 15m, a cron expression, or off`,
    );
    return [];
  });
  if (wrong.length > 0) throw new ConfigurationError(wrong);
  return settings;
}

function integrationSettings(provider: ProviderConfig, schedule: Schedule): IntegrationSettings {
  const { configuration, integrationId } = provider;
  const { acceptApiWithoutUsagePlan, removeDetachedPlans, stage, include, exclude, apiName } = configuration;
  const decisive = [acceptApiWithoutUsagePlan, removeDetachedPlans, stage ?? null, include, exclude];
  return {
    integrationId,
    acceptApiWithoutUsagePlan,
    removeDetachedPlans,
    schedule,
    filter: stageFilter(configuration),
    mayPass: apiFilter(configuration),
    nameTemplate: apiName ?? (onlyStage(configuration) === undefined ? '{name} ({stage})' : '{name}'),
    fingerprint: createHash('sha256')
      .update(JSON.stringify([...decisive, configuration.schedule]))
      .digest('hex'),
  };
}
