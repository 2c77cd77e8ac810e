/** DISCOVER: what there is, within seconds at any size: the lists anew, the rest from the catalog. */
import type { DiscoverReply } from '@federation-agent/contracts';
import { FederationError, type CommandContext, type WorkerCommand } from '@federation-agent/service-kit';
import type { Discovery, Integration } from '../deps.ts';
import { toPreview } from '../mapping/api.ts';
import { thatFit } from '../mapping/message-size.ts';
import { refresh } from './refresh.ts';

/** No account of the integration could be read since its first start. */
export class NothingReadError extends FederationError {
  constructor(reasons: readonly string[]) {
    super(`AWS could not be read: ${reasons.join('; ') || 'no target is configured'}`, {
      code: 'nothing-read',
      disposition: 'final',
    });
  }
}

export async function discover(
  discovery: Discovery,
  integration: Integration,
  command: WorkerCommand<'DISCOVER'>,
  context: CommandContext,
): Promise<void> {
  const { limits, telemetry } = discovery;
  const { settings } = integration;
  const until = command.receivedAt + limits.discoverDeadline;
  const { entries, stale, blind } = await refresh(discovery, integration, until, context.signal);
  if (blind) throw new NothingReadError(stale);
  if (stale.length > 0) {
    const { commandId, integrationId } = command;
    telemetry.log.warn(
      { commandId, integrationId, stale },
      'DISCOVER is partial: the catalog stands for what could not be read',
    );
  }
  const apis = entries.map((entry) => toPreview(entry, settings.nameTemplate));
  const fitting = thatFit(apis, discovery.maxMessageBytes);
  const payload: DiscoverReply = {
    apis: fitting,
    isPartialDiscovery: stale.length > 0 || fitting.length < apis.length,
  };
  await context.reply({ status: 'SUCCEEDED', payload });
}
