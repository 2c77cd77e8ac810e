/** The commands that keep a channel: HELLO, PRIMARY, HEALTH_CHECK, GOOD_BYE. */
import { z } from 'zod';

/** The only provider that this agent serves. */
export const provider = 'aws-api-gateway';

/** Sent by the connector first on every socket. */
export const HelloPayload = z.object({ targetId: z.string().min(1), provider: z.string().min(1) });
export type HelloPayload = z.output<typeof HelloPayload>;

/** Sent by the controller. Until it is answered, no caller gets a reply (measured from 1.8.3 on). */
export const PrimaryPayload = z.object({
  primary: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
});
export type PrimaryPayload = z.output<typeof PrimaryPayload>;

/** Our answer to HEALTH_CHECK. */
export const HealthCheckReply = z.object({ healthy: z.boolean(), detail: z.string().exactOptional() });
export type HealthCheckReply = z.output<typeof HealthCheckReply>;

/** Sent by the controller at any time, before the HELLO reply too. It gets no reply. */
export const GoodByePayload = z.object({
  targetId: z.string().nullish(),
  reconnect: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
});
export type GoodByePayload = z.output<typeof GoodByePayload>;

/** Commands that the link answers itself, without a worker. */
export const channelCommandTypes = ['HELLO', 'PRIMARY', 'HEALTH_CHECK', 'GOOD_BYE'] as const;

/** Close codes that the official connector uses (measured). */
export const closeCodes = {
  goodByeReconnect: { code: 1013, reason: 'GoodBye Command with reconnection requested.' },
  goodBye: { code: 1000, reason: 'GoodBye Command without reconnection.' },
  normal: { code: 1000, reason: '' },
} as const;
