/** What `/api/live` sends: server-sent events whose `data` is JSON, `changed` and `audit` (an `AuditEvent`). */
import { z } from 'zod';
import { time } from './common.ts';

export const Topic = z.enum(['overview', 'estate', 'scans', 'ingests', 'subscriptions', 'dead', 'doctor']);
export type Topic = z.output<typeof Topic>;

/** `event: changed`: read again what you show of these topics. At most four a second. */
export const Changed = z.object({ at: time, topics: z.array(Topic) });
export type Changed = z.output<typeof Changed>;
