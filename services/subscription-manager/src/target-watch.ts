/** Asks AWS for our identity in every target, at the start and then repeatedly, and shows it in health. */
import type { ControlPlane } from '@federation-agent/aws-control-plane';
import type { ServiceContext } from '@federation-agent/service-kit';
import { createTargetHealth } from './target-health.ts';

/** @param planes by integration id */
export function startTargetWatch(
  planes: ReadonlyMap<string, ControlPlane>,
  { health, telemetry, clock, limits }: Pick<ServiceContext, 'health' | 'telemetry' | 'clock' | 'limits'>,
): { stop(): Promise<void> } {
  const { log } = telemetry.forArea('aws');
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = (): boolean => signal.aborted;
  const watch = async (integrationId: string, plane: ControlPlane): Promise<void> => {
    const shown = createTargetHealth({ integrationId, health, log });
    while (!stopped()) {
      const targets = await plane.targets(signal);
      // After a stop the answer says that targets wait only because of the stop.
      if (!stopped()) shown.update(targets);
      await clock.sleep(limits.sweepInterval, signal);
    }
    shown.close();
  };
  const watches = [...planes].map(([integrationId, plane]) => watch(integrationId, plane));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(watches);
    },
  };
}
