/** What the parts of this service share; made once in start.ts. */
import type { ControlPlane, Priority } from '@federation-agent/aws-control-plane';
import type { AgentConfig, CatalogEntry, IngestJob, Limits, ScanRecord } from '@federation-agent/contracts';
import type { Clock, Semaphore, Metrics, Randomness, Telemetry } from '@federation-agent/base';
import type { Broker, Bucket, ChunkStore } from '@federation-agent/broker';
import type { Health } from '@federation-agent/service-kit';
import type { ReadUnderWay } from './commands/shared-reads.ts';
import type { discoveryMetricSpecs } from './metrics.ts';
import type { OptIns } from './scan/opt-ins.ts';
import type { IntegrationSettings } from './settings.ts';

interface Stores {
  readonly catalog: Bucket<CatalogEntry>;
  readonly scans: Bucket<ScanRecord>;
  readonly ingests: Bucket<IngestJob>;
  readonly documents: ChunkStore;
  readonly payloads: ChunkStore;
}

export interface Discovery extends Stores {
  readonly broker: Broker;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics<typeof discoveryMetricSpecs>;
  readonly health: Health;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly instance: string;
  readonly ingest: AgentConfig['federation']['ingest'];
  readonly maxMessageBytes: number;
  /**
   * Targets whose catalog is read and written at once; each is in memory meanwhile. Commands and scans have a limit of
   * their own, so that no command waits for a scan.
   */
  readonly applying: { readonly [priority in Priority]: Semaphore };
  /** Scans under way in this process, of all its integrations, by record key. */
  readonly scanning: Set<string>;
  /** Reads of lists for commands, under way in this process, by scan record key. */
  readonly readingLists: Map<string, ReadUnderWay>;
  /** Exports under way, by entry key. */
  readonly exporting: Map<string, Promise<CatalogEntry | undefined>>;
  /** What the policy or this AWS lacks. */
  readonly optIns: OptIns;
  /** What was logged about texts that are sent changed, by entry key. */
  readonly saidChanged: Map<string, string>;
}

/** One integration: its settings and its AWS. */
export interface Integration {
  readonly settings: IntegrationSettings;
  readonly plane: ControlPlane;
}
