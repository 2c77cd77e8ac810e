/** Cookies that are out of reach of scripts and of other sites. */
import type { AgentConfig } from '@federation-agent/contracts';

interface CookieOptions {
  readonly path: string;
  readonly ageMs: number;
  /** The browser sends it over HTTPS only. */
  readonly secured: boolean;
}

/** @param header the `Cookie` header */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  const cookies = (header ?? '').split(';').map((one) => one.trim().split('='));
  return cookies.find(([found]) => found === name)?.[1];
}

/** `Set-Cookie` that gives the value to the browser; without a value it takes the cookie away. */
export function cookie(
  name: string,
  value: string | undefined,
  { path, ageMs, secured }: CookieOptions,
): string {
  const age = value === undefined ? 0 : ageMs / 1_000;
  const secure = secured ? '; Secure' : '';
  return `${name}=${value ?? ''}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=${age}${secure}`;
}

/** Whether browsers reach the console by HTTPS: its own, or that of a proxy before it. */
export function isSecured({ services, federation }: AgentConfig): boolean {
  return services.core.http.secured || federation.console.publicUrl?.startsWith('https:') === true;
}
