/** START_INGEST: fixes the list, writes the job, replies its total. From then on any replica drives it to `done`. */
import { catalogKeys, type StartIngestReply } from '@federation-agent/contracts';
import { change, toClaim, type CommandContext, type WorkerCommand } from '@federation-agent/service-kit';
import type { Discovery, Integration } from '../deps.ts';
import { announced, newJob } from '../ingest/job.ts';
import { NothingReadError } from './discover.ts';
import { refresh } from './refresh.ts';

export async function startIngest(
  discovery: Discovery,
  integration: Integration,
  command: WorkerCommand<'START_INGEST'>,
  context: CommandContext,
): Promise<void> {
  const { ingests, clock, ingest } = discovery;
  const { ingestJobId } = command.payload;
  const key = catalogKeys.ingest(ingestJobId);
  // A redelivery finds the record and answers the same total.
  const job = (await ingests.get(key))?.value ?? (await write(discovery, integration, command, context));
  const payload: StartIngestReply = { ingestJobId, total: job.total };
  const { outcome } = await context.reply({ status: 'SUCCEEDED', payload });
  await change(ingests, key, (current) => announced(current, outcome, clock.now() + ingest.startDelayMs));
}

async function write(
  discovery: Discovery,
  integration: Integration,
  command: WorkerCommand<'START_INGEST'>,
  context: CommandContext,
) {
  const { ingests, payloads, telemetry, clock, limits } = discovery;
  const { commandId, integrationId, deadline, payload } = command;
  const { ingestJobId, apiIds } = payload;
  const until = command.receivedAt + limits.discoverDeadline;
  const { entries, stale, blind } = await refresh(discovery, integration, until, context.signal);
  if (blind) throw new NothingReadError(stale);
  const wanted = new Set(apiIds);
  const items = entries.map(({ uniqueId }) => uniqueId).filter((id) => apiIds.length === 0 || wanted.has(id));
  const unknown = apiIds.filter((id) => !items.includes(id));
  if (unknown.length > 0) {
    telemetry.log.warn(
      { ingestJobId, integrationId, unknown },
      'APIs that are not in the catalog are left out of the ingest',
    );
  }
  if (stale.length > 0) {
    telemetry.log.warn(
      { ingestJobId, integrationId, stale },
      'the ingest takes the last good state of what could not be read',
    );
  }
  const claim = await toClaim(payloads, items);
  const job = newJob({
    ingestJobId,
    integrationId,
    commandId,
    deadline,
    items: 'ref' in claim ? claim : { inline: items },
    total: items.length,
    trace: telemetry.inject(),
    now: clock.now(),
  });
  const key = catalogKeys.ingest(ingestJobId);
  const written = await change(ingests, key, (current) => (current ? undefined : job));
  return written?.value ?? job;
}
