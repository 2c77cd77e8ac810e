/** The chain from APIM to AWS, each part with its state and reason; what is wrong first. */
import { z } from 'zod';
import { count, PartState, time } from './common.ts';

/** One thing of a part: an integration's channel, a worker process, a target. */
export const PartItem = z.object({
  id: z.string(),
  name: z.string(),
  state: PartState,
  /** Why it is in this state, and what to do. */
  reason: z.string().exactOptional(),
});
export type PartItem = z.output<typeof PartItem>;

export const Part = z.object({
  id: z.enum(['apim', 'link', 'broker', 'discovery', 'subscription', 'aws']),
  /** For people, such as `gateway-link`. */
  name: z.string(),
  state: PartState,
  reason: z.string().exactOptional(),
  items: z.array(PartItem),
});
export type Part = z.output<typeof Part>;

export const Alert = z.object({
  severity: z.enum(['error', 'warning']),
  /** What is wrong, and what to do. */
  text: z.string(),
  /** A page of the console that shows more, such as `/subscriptions?needsPerson=true`. */
  page: z.string(),
  since: time.exactOptional(),
});
export type Alert = z.output<typeof Alert>;

/** A process of the agent that answered. */
export const AgentProcess = z.object({
  instance: z.string(),
  version: z.string(),
  services: z.array(z.string()),
  startedAt: time,
  state: PartState,
});
export type AgentProcess = z.output<typeof AgentProcess>;

export const Overview = z.object({
  at: time,
  /**
   * `loading`: the console reads its records, and numbers may be too low. `stale`: the broker is away; what is shown is
   * older.
   */
  model: z.enum(['loading', 'ready', 'stale']),
  alerts: z.array(Alert),
  /** From APIM to AWS. */
  chain: z.array(Part),
  processes: z.array(AgentProcess),
  counts: z.object({
    stages: count,
    listed: count,
    hidden: count,
    stale: count,
    targets: count,
    subscriptions: count,
    needPerson: count,
    ingestsRunning: count,
    deadLetters: count,
  }),
});
export type Overview = z.output<typeof Overview>;
