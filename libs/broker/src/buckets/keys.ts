import { FederationError } from '@federation-agent/base';

/** The broker would not take this key or filter of a bucket: an id was not made into a token. */
export class InvalidKeyError extends FederationError {
  constructor(key: string) {
    super(`not a valid bucket key: ${JSON.stringify(key.slice(0, 100))}`, {
      code: 'invalid-key',
      disposition: 'final',
    });
  }
}

/** Letters, digits and `-/_=.`; no dot at either end, and no two in a row. */
export function checkKey(key: string): string {
  if (!/^[-/_=A-Za-z0-9]+(\.[-/_=A-Za-z0-9]+)*$/u.test(key)) throw new InvalidKeyError(key);
  return key;
}

/** A key in which a token may be `*` and the last token `>`. */
export function checkFilter(filter: string): string {
  if (filter === '>') return filter;
  checkKey(filter.replace(/\.>$/u, '').replace(/(^|\.)\*(?=\.|$)/gu, '$1x'));
  return filter;
}
