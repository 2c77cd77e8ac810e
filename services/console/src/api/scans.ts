/** Scans and ingests: how far they are, and the request for a scan now. */
import { z } from 'zod';
import { count, time } from './common.ts';

/** Of the work under way. `rate` is units per second, `leftMs` an estimate; both absent until they can be told. */
export const Progress = z.object({
  done: count,
  total: count,
  rate: z.number().nonnegative().exactOptional(),
  leftMs: count.exactOptional(),
});
export type Progress = z.output<typeof Progress>;

export const ScanTarget = z.object({
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  state: z.enum(['never', 'requested', 'scanning', 'up-to-date', 'partly-stale', 'stale']),
  stages: count,
  lastCompleteAt: time.exactOptional(),
  lastAttemptAt: time.exactOptional(),
  /** Why the last attempt was not complete. */
  failure: z.string().exactOptional(),
  dueAt: time,
  /** A message about its changes came, at this time or up to an hour later; absent: none ever did. */
  changeHeardAt: time.exactOptional(),
  /** The process that scans now. */
  scannedBy: z.string().exactOptional(),
  /** REST APIs done and to do, while it scans. */
  progress: Progress.exactOptional(),
  /** Calls per second that the shared budget allows now, and as configured. */
  budget: z.object({ rate: z.number(), configured: z.number() }).exactOptional(),
});
export type ScanTarget = z.output<typeof ScanTarget>;

export const Scans = z.object({ targets: z.array(ScanTarget) });
export type Scans = z.output<typeof Scans>;

/** Which targets to scan now; absent: all. */
export const ScanRequest = z.strictObject({
  integrationId: z.string().exactOptional(),
  account: z.string().exactOptional(),
  region: z.string().exactOptional(),
  /** Reads the stages of all APIs, also of those that have not changed for long. */
  all: z.boolean().default(false),
});
export type ScanRequest = z.output<typeof ScanRequest>;

export const ScanAsked = z.object({ message: z.string(), targets: count });
export type ScanAsked = z.output<typeof ScanAsked>;

export const Ingest = z.object({
  ingestJobId: z.string(),
  integrationId: z.string(),
  state: z.enum(['announced', 'running', 'done', 'refused']),
  /** APIs sent and to send. */
  progress: Progress,
  batches: count,
  createdAt: time,
  lastBatchAt: time.exactOptional(),
  drivenBy: z.string().exactOptional(),
});
export type Ingest = z.output<typeof Ingest>;

/** Newest first. */
export const Ingests = z.object({ jobs: z.array(Ingest) });
export type Ingests = z.output<typeof Ingests>;
