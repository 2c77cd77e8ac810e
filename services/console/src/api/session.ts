/** Who looks, and what they may do. */
import { z } from 'zod';

/** `viewer` reads; `operator` also acts. */
export const Role = z.enum(['viewer', 'operator']);
export type Role = z.output<typeof Role>;

export const Session = z.object({
  /** Null: nobody has logged in. */
  user: z.string().nullable(),
  /** Null: nobody has logged in; only the session and the document of this API can be read. */
  role: Role.nullable(),
  /**
   * How to log in: `password` at `/api/login`; `none`: no login is needed; `closed`: no user is configured, so nobody
   * may look.
   */
  login: z.enum(['password', 'none', 'closed']),
  /** Version of the agent. */
  version: z.string(),
});
export type Session = z.output<typeof Session>;

export const Login = z.strictObject({ user: z.string().min(1).max(256), password: z.string().max(1_024) });
export type Login = z.output<typeof Login>;
