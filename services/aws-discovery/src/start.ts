/**
 * Assembles the service: a worker for DISCOVER and START_INGEST, the ingest jobs, and the scans of each integration.
 */
import { createControlPlane } from '@federation-agent/aws-control-plane';
import {
  BudgetRecord,
  buckets,
  CatalogEntry,
  IngestJob,
  ScanRecord,
  streams,
} from '@federation-agent/contracts';
import { createSemaphore, defineMetrics } from '@federation-agent/base';
import { answerDeadLetters, openBucket, openChunkStore, startWorker } from '@federation-agent/broker';
import { internetRoute } from '@federation-agent/net';
import type { StartService } from '@federation-agent/service-kit';
import { startChangesLoop } from './changes/changes-loop.ts';
import { discover } from './commands/discover.ts';
import { startIngest } from './commands/start-ingest.ts';
import type { Discovery, Integration } from './deps.ts';
import { startJobLoop } from './ingest/job-loop.ts';
import { discoveryMetricSpecs, startCounting } from './metrics.ts';
import { answerOperatorRequests } from './operator/requests.ts';
import { createOptIns } from './scan/opt-ins.ts';
import { startScanLoop } from './scan/scan-loop.ts';
import { allSettings } from './settings.ts';

/** How many targets, of a thousand stages each, are in memory at once; separately for commands and for scans. */
const targetsAtOnce = 4;
/** The part of `limits.shutdown` that commands under way may take at stop. */
const workerShare = 0.5;

export const startAwsDiscovery: StartService = async (context) => {
  const { broker, config, limits, telemetry, instance, clock, random, health } = context;
  const settings = allSettings(config, limits);
  const proxy = internetRoute(config, process.env);
  const [catalog, scans, ingests, budget, documents, payloads] = await Promise.all([
    openBucket(broker, buckets.catalog, CatalogEntry),
    openBucket(broker, buckets.scans, ScanRecord),
    openBucket(broker, buckets.ingests, IngestJob),
    openBucket(broker, buckets.budget, BudgetRecord),
    openChunkStore(broker, 'documents'),
    openChunkStore(broker, 'payloads'),
  ]);
  const discovery: Discovery = {
    catalog,
    scans,
    ingests,
    documents,
    payloads,
    broker,
    telemetry,
    metrics: defineMetrics(telemetry.registry, discoveryMetricSpecs),
    health,
    limits,
    clock,
    random,
    instance,
    ingest: config.federation.ingest,
    applying: { command: createSemaphore(targetsAtOnce), scan: createSemaphore(targetsAtOnce) },
    scanning: new Set(),
    readingLists: new Map(),
    exporting: new Map(),
    optIns: createOptIns(telemetry.forArea('scan')),
    saidChanged: new Map(),
    maxMessageBytes: config.integration.connector.ws.maxWebSocketMessageSize,
  };
  const integrations = new Map(
    config.integration.providers.flatMap(({ integrationId, configuration }): [string, Integration][] => {
      const own = settings.find((one) => one.integrationId === integrationId);
      const plane = createControlPlane({
        integrationId,
        configuration,
        telemetry,
        budget,
        broker,
        clock,
        random,
        limits,
        proxy,
        ...(context.live && { live: context.live }),
      });
      return own ? [[integrationId, { settings: own, plane }]] : [];
    }),
  );

  /** Each part logs as its own area, which may have its own level. */
  const area = (name: 'scan' | 'ingest' | 'discover'): Discovery => ({
    ...discovery,
    telemetry: telemetry.forArea(name),
  });
  const [scanning, ingesting, discovering] = [area('scan'), area('ingest'), area('discover')];
  for (const integrationId of integrations.keys()) startCounting(discovery.metrics, integrationId);
  const jobs = await startJobLoop(ingesting, integrations);
  const loops = await Promise.all(
    [...integrations.values()].map(async (one) => {
      const changes = startChangesLoop(scanning, one);
      return [changes, await startScanLoop(scanning, one, changes)];
    }),
  );
  const worker = await startWorker({
    broker,
    kind: 'discovery',
    integrationIds: [...integrations.keys()],
    telemetry,
    instance,
    clock,
    payloads,
    handle: async (command, commandContext) => {
      const integration = integrations.get(command.integrationId);
      if (!integration) return;
      if (command.type === 'DISCOVER') await discover(discovering, integration, command, commandContext);
      else await startIngest(ingesting, integration, command, commandContext);
    },
  });
  const answering = [
    ...[...integrations.values()].map((one) => answerOperatorRequests(scanning, one)),
    answerDeadLetters(broker, streams.ingest),
  ];
  return {
    stop: async () => {
      for (const one of answering) one.stop();
      await Promise.all([
        worker.stop(limits.shutdown * workerShare),
        jobs.stop(),
        ...loops.flat().map((loop) => loop.stop()),
      ]);
      for (const { plane } of integrations.values()) plane.close();
    },
  };
};
