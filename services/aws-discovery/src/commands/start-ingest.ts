/**
 * START_INGEST: fixes the list, writes the job and replies its total. From then on any replica drives the job to
 * `done`.
 */
import { catalogKeys, type IngestJob, type StartIngestReply } from '@federation-agent/contracts';
import { yieldToEventLoop } from '@federation-agent/base';
import { changeRecord, type CommandContext, type WorkerCommand } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { shortId } from '../mapping/short-id.ts';
import { afterReply, restartedJob, isRestart, newJob } from '../ingest/job.ts';
import { roundRobinByTarget } from '../ingest/order.ts';
import { NothingReadError, seeTargetHealth } from './discover.ts';
import { refresh } from './refresh.ts';

/**
 * @throws NothingReadError when what was asked for could never be read: an ingest of nothing would look like success
 */
export async function startIngest(
  discovery: Discovery,
  integration: Integration,
  command: WorkerCommand<'START_INGEST'>,
  context: CommandContext,
): Promise<void> {
  const { ingests, clock, ingest, telemetry } = discovery;
  const { integrationId } = command;
  const { ingestJobId } = command.payload;
  const key = catalogKeys.ingest(ingestJobId);
  // A redelivered command finds the record and answers the same total.
  const known = (await ingests.get(key))?.value;
  const job =
    known && !isRestart(known, command.commandId)
      ? known
      : await writeJob(discovery, integration, command, context);
  const payload: StartIngestReply = { ingestJobId, total: job.total };
  const { outcome } = await context.reply({ status: 'SUCCEEDED', payload });
  const facts = { ingestJobId, integrationId, total: job.total, outcome };
  if (outcome === 'refused') {
    telemetry.log.warn(
      { ...facts, fix: 'start the ingest again in APIM' },
      'the ingest does not start: its connection was gone before APIM had the answer',
    );
  } else telemetry.log.info(facts, 'the ingest is announced to APIM');
  await changeRecord(ingests, key, (current) =>
    afterReply(current, outcome, clock.now() + ingest.startDelayMs),
  );
}

async function writeJob(
  discovery: Discovery,
  integration: Integration,
  command: WorkerCommand<'START_INGEST'>,
  context: CommandContext,
): Promise<IngestJob> {
  const { ingests, payloads, telemetry, clock, limits } = discovery;
  const { commandId, integrationId, deadline, payload } = command;
  const { ingestJobId, apiIds } = payload;
  const until = command.receivedAt + limits.discoverDeadline;
  const { listed, kept, lacking } = await refresh(discovery, integration, {
    until,
    signal: context.signal,
    pick: ({ uniqueId }) => ({ uniqueId }),
  });
  const asked = new Set(apiIds);
  const unknown = new Set(apiIds);
  const isWanted = (uniqueId: string): boolean => {
    // Either of the two ids that DISCOVER may have shown.
    const names = [uniqueId, shortId(uniqueId)].filter((id) => asked.has(id));
    for (const id of names) unknown.delete(id);
    return names.length > 0;
  };
  const wanted: string[] = [];
  for (const { uniqueId } of listed) {
    if (asked.size === 0 || isWanted(uniqueId)) wanted.push(uniqueId);
    await yieldToEventLoop();
  }
  const items = roundRobinByTarget(wanted);
  if (items.length === 0 && lacking.length > 0) throw new NothingReadError(lacking);
  if (unknown.size + kept.length + lacking.length > 0) {
    const counts = { ingestJobId, integrationId, total: items.length, unknown: unknown.size };
    telemetry.log.warn(
      { ...counts, unknownIds: [...unknown].slice(0, 20), kept, lacking, fix: seeTargetHealth },
      unknown.size > 0
        ? 'the ingest leaves out unknown APIs: they were deleted in AWS, are filtered out, or are in a target that was never read'
        : 'the ingest uses the last good state of targets that cannot be read now',
    );
  }
  const job = newJob({
    ingestJobId,
    integrationId,
    commandId,
    deadline,
    // Every batch writes the record, and every replica watches it. So a long list is stored separately.
    items:
      items.length > 100
        ? { ref: await payloads.put(Buffer.from(JSON.stringify(items))) }
        : { inline: items },
    total: items.length,
    trace: telemetry.inject(),
    now: clock.now(),
  });
  const key = catalogKeys.ingest(ingestJobId);
  const written = await changeRecord(ingests, key, (current) => restartedJob(current, job));
  return written?.value ?? job;
}
