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
   * How to log in: `password` at `/api/login`, and at the `provider` when there is one; `oidc`: only at the `provider`;
   * `none`: no login is needed; `closed`: no user and no provider is configured, so nobody may look.
   */
  login: z.enum(['password', 'oidc', 'none', 'closed']),
  /** Host of the OpenID provider where people can log in; null: none is configured. */
  provider: z.string().nullable(),
  /** Version of the agent. */
  version: z.string(),
});
export type Session = z.output<typeof Session>;

export const Login = z.strictObject({ user: z.string().min(1).max(256), password: z.string().max(1_024) });
export type Login = z.output<typeof Login>;

/** Stands for the console's own. */
const ownOrigin = 'https://console.invalid';

/** An address that a browser takes for one of this console: no other host, whatever slashes it begins with. */
const ownPath = z
  .string()
  .max(2_000)
  .refine((path) => path.startsWith('/') && URL.parse(path, ownOrigin)?.origin === ownOrigin, {
    error: 'must be a path of the console',
  });

/** Begins a login at the OpenID provider. */
export const OidcStart = z.strictObject({
  /** Path of the console to go to after the login. */
  returnTo: ownPath.default('/'),
});
export type OidcStart = z.output<typeof OidcStart>;

/** Where the browser goes to log in. */
export const OidcAddress = z.object({ url: z.string() });
export type OidcAddress = z.output<typeof OidcAddress>;

/** Ends it. */
export const OidcAnswer = z.strictObject({
  /** The query that the provider sent the browser back with. */
  query: z.string().max(8_192),
});
export type OidcAnswer = z.output<typeof OidcAnswer>;

export const OidcDone = z.object({ returnTo: z.string() });
export type OidcDone = z.output<typeof OidcDone>;
