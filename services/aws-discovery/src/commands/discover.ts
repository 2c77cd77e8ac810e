/** DISCOVER: what there is, within seconds at any size: the lists anew, the rest from the catalog. */
import type { DiscoverReply } from '@federation-agent/contracts';
import { FederationError, type CommandContext, type WorkerCommand } from '@federation-agent/service-kit';
import type { Discovery, Integration } from '../deps.ts';
import { toPreview } from '../mapping/api.ts';
import { thatFit } from '../mapping/message-size.ts';
import { refresh } from './refresh.ts';

/** Nothing at all can be said: what was asked for lies in accounts that were never read in full. */
export class NothingReadError extends FederationError {
  constructor(reasons: readonly string[]) {
    super(`AWS could not be read: ${reasons.join('; ')}`, { code: 'nothing-read', disposition: 'final' });
  }
}

/** @throws NothingReadError when there is neither an answer of AWS nor a catalog */
export async function discover(
  discovery: Discovery,
  integration: Integration,
  command: WorkerCommand<'DISCOVER'>,
  context: CommandContext,
): Promise<void> {
  const { limits, telemetry, maxMessageBytes } = discovery;
  const { commandId, integrationId } = command;
  const until = command.receivedAt + limits.discoverDeadline;
  const { entries, kept, lacking, blind } = await refresh(discovery, integration, until, context.signal);
  if (blind && entries.length === 0) throw new NothingReadError(lacking);
  const apis = entries.map((entry) => toPreview(entry, integration.settings.nameTemplate));
  const fitting = thatFit(apis, maxMessageBytes);
  const isPartialDiscovery = lacking.length > 0 || fitting.length < apis.length;
  if (kept.length > 0 || isPartialDiscovery) {
    telemetry.log.warn(
      { commandId, integrationId, kept, lacking, found: apis.length, sent: fitting.length },
      'DISCOVER could not read everything now',
    );
  }
  const payload: DiscoverReply = { apis: fitting, isPartialDiscovery };
  await context.reply({ status: 'SUCCEEDED', payload });
}
