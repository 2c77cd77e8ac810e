/** DISCOVER: answers within seconds at any size. It reads the lists anew, and takes the rest from the catalog. */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys } from '@federation-agent/contracts';
import { FederationError, mapConcurrently } from '@federation-agent/base';
import { changeRecord, type CommandContext, type WorkerCommand } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { toPreview } from '../mapping/api.ts';
import { needsFullScan, requestedAll } from '../scan/claim.ts';
import { previewText } from './preview-text.ts';
import { refresh } from './refresh.ts';

/** Scans requested at once. */
const concurrency = 8;

/** The agent cannot answer at all: what was asked for lies in accounts that were never read in full. */
export class NothingReadError extends FederationError {
  constructor(reasons: readonly string[]) {
    super(`AWS could not be read: ${reasons.join('; ')}`, { code: 'nothing-read', disposition: 'final' });
  }
}

/** Each reason names what AWS wants; the health report has the details. */
export const seeTargetHealth = 'see the health of the targets named here: it says what to do';

/** @throws NothingReadError when there is neither an answer from AWS nor a catalog */
export async function discover(
  discovery: Discovery,
  integration: Integration,
  command: WorkerCommand<'DISCOVER'>,
  context: CommandContext,
): Promise<void> {
  const { limits, telemetry, clock, maxMessageBytes } = discovery;
  const { commandId, integrationId } = command;
  const startedAt = clock.now();
  const until = command.receivedAt + limits.discoverDeadline;
  const { listed, kept, lacking, blind, targets } = await refresh(discovery, integration, {
    until,
    signal: context.signal,
    pick: (entry) => toPreview(entry, integration.settings),
  });
  if (blind && listed.length === 0) throw new NothingReadError(lacking);
  const { json, sent } = await previewText(listed, {
    isPartial: lacking.length > 0,
    messageBytes: maxMessageBytes,
  });
  const facts = { commandId, integrationId, found: listed.length, sent, bytes: json.length };
  const durationMs = clock.now() - startedAt;
  if (lacking.length > 0 || sent < listed.length) {
    const fix =
      lacking.length > 0
        ? seeTargetHealth
        : `APIM takes only ${maxMessageBytes} bytes in one message. An ingest of all still takes every API; to choose among the APIs, split them by region, stage or filter over several integrations`;
    telemetry.log.warn(
      { ...facts, durationMs, kept, lacking, fix },
      lacking.length > 0
        ? 'the answer to DISCOVER is incomplete: some targets were never read, or not in time'
        : 'the answer to DISCOVER is incomplete: not all APIs fit into one message',
    );
  } else if (kept.length > 0) {
    telemetry.log.warn(
      { ...facts, durationMs, kept, fix: seeTargetHealth },
      'DISCOVER is answered from the last good catalog of targets that cannot be read now: it may be stale',
    );
  } else telemetry.log.info({ ...facts, durationMs }, 'DISCOVER is answered');
  // A stale list does not count as partial: after a partial one APIM no longer lets the publisher choose, and ingests
  // all.
  await context.reply({ status: 'SUCCEEDED', json });
  await askForStages(discovery, integration, targets);
}

/**
 * A person who looks wants the current state, also of the APIs that scans read less often. This happens only after the
 * answer, so as not to slow it down.
 */
async function askForStages(
  { scans, clock }: Discovery,
  { settings }: Integration,
  targets: readonly Target[],
): Promise<void> {
  const { integrationId, schedule } = settings;
  const now = clock.now();
  await mapConcurrently(targets, concurrency, ({ account, region }) =>
    changeRecord(
      scans,
      catalogKeys.scan(integrationId, account, region),
      (record) => (record && needsFullScan(record, schedule, now) ? requestedAll(now)(record) : undefined),
      // Best effort: without it the scans follow their schedule.
    ).catch(() => undefined),
  );
}
