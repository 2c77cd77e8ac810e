/** Whether a request comes from our own pages, or from no page at all. Pure. */
import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { csrfHeader } from '../api/index.ts';

/** Why a request that changes something is refused; undefined: it is not. */
export function whyForged(headers: IncomingHttpHeaders): string | undefined {
  if (headers[csrfHeader] !== '1') return `a POST needs the header ${csrfHeader}: 1`;
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  const foreign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && hostOf(origin) !== host);
  return foreign ? 'a page of another site may not do this' : undefined;
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/**
 * Whether the browser was sent here by a name of this machine. A page elsewhere can let its own name point here (DNS
 * rebinding), and is then of the same origin. With a login that is harmless, because the cookie is of another name.
 */
export function isOwnName(host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.replace(/^\[|\]$/gu, '');
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
}
