/** Who may use the node API: users with passwords, as in the official agent. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CoreHttpConfig } from '@federation-agent/contracts';
import { createFailedLogins } from './failed-logins.ts';

export type AuthenticationResult =
  /** `user`: the name that was proved; undefined: no password is required. */
  | { readonly kind: 'admitted'; readonly user: string | undefined }
  /** Nobody is admitted, because there are no users. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'no-credentials' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-often'; readonly waitMs: number };

export interface Caller {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  readonly address: string;
}

/** Decides on each request. A comparison takes the same time whether the name or the password is wrong. */
export function createAuthenticator(
  { type, users }: CoreHttpConfig['authentication'],
  now: () => number,
): (caller: Caller) => AuthenticationResult {
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const known = new Map(Object.entries(users).map(([name, password]) => [name, digest(password)]));
  const nobody = randomBytes(32);
  const failures = createFailedLogins();

  return ({ authorization, address }) => {
    if (type === 'none') return { kind: 'admitted', user: undefined };
    if (known.size === 0) return { kind: 'closed' };
    const credentials = readBasic(authorization);
    if (!credentials) return { kind: 'no-credentials' };
    const waitMs = failures.waitMs(address, now());
    if (waitMs > 0) return { kind: 'too-often', waitMs };
    const expected = known.get(credentials.name) ?? nobody;
    if (timingSafeEqual(digest(credentials.password), expected))
      return { kind: 'admitted', user: credentials.name };
    failures.failed(address, now());
    return { kind: 'wrong' };
  };
}

function readBasic(header: string | undefined): { name: string; password: string } | undefined {
  const encoded = /^basic +([\w+/=-]+) *$/iu.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
