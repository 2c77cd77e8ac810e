/** Configuration and doctor. */
import { z } from 'zod';
import { count, time } from './common.ts';

/** As each process has it. Secrets are masked. */
export const Configuration = z.object({
  processes: z.array(
    z.object({
      instance: z.string(),
      services: z.array(z.string()),
      values: z.array(
        z.object({
          key: z.string(),
          value: z.string(),
          /** `file:<name>`, `env:<name>`, `default` or `cloud.token`. */
          source: z.string(),
        }),
      ),
    }),
  ),
});
export type Configuration = z.output<typeof Configuration>;

export const DoctorCheck = z.object({
  check: z.string(),
  /** What was checked; empty: there is only one. */
  subject: z.string(),
  status: z.enum(['ok', 'note', 'failed', 'skipped']),
  detail: z.string(),
  fix: z.string().exactOptional(),
  lines: z.array(z.string()).exactOptional(),
});
export type DoctorCheck = z.output<typeof DoctorCheck>;

export const DoctorReport = z.object({
  /** `unavailable`: this process cannot run it; `message` says where it can. */
  state: z.enum(['never', 'running', 'done', 'unavailable']),
  message: z.string().exactOptional(),
  startedAt: time.exactOptional(),
  endedAt: time.exactOptional(),
  /** What is being checked now. */
  waitingFor: z.array(z.string()),
  checks: z.array(DoctorCheck),
  failed: count,
});
export type DoctorReport = z.output<typeof DoctorReport>;
