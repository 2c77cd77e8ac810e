/** A browser without a screen: it keeps cookies, and follows redirects as far as the console. */
import { z } from 'zod';
import type { TestConsole } from './console.ts';
import { accountHeader } from './oidc-provider.ts';

export interface Visitor {
  /** Asks the console for JSON, as its pages do. */
  post(path: string, body?: object): Promise<Response>;
  get(path: string): Promise<Response>;
  /**
   * Follows the provider's redirects.
   *
   * @param account who logs in there; undefined: nobody
   * @returns the query that the provider sends the browser back to the console with
   */
  follow(url: string, account: string | undefined): Promise<string>;
  /** The `Set-Cookie` of the last answer of the console. */
  setCookies(): readonly string[];
}

const Address = z.object({ url: z.string() });

/** @param publicUrl where the provider sends the browser; the console itself is elsewhere */
export function createVisitor(console: Pick<TestConsole, 'url' | 'fetch'>, publicUrl: string): Visitor {
  const jars = new Map<string, Map<string, string>>();
  let last: readonly string[] = [];
  const ask = async (url: URL, init: RequestInit, by: typeof fetch = fetch): Promise<Response> => {
    const jar = jars.get(url.host) ?? new Map<string, string>();
    jars.set(url.host, jar);
    const headers = new Headers(init.headers);
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const answer = await by(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1).join('').split('=');
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  const toConsole = async (path: string, init: RequestInit): Promise<Response> => {
    const answer = await ask(new URL(path, console.url), init, console.fetch);
    last = answer.headers.getSetCookie();
    return answer;
  };
  const ofPage = { 'content-type': 'application/json', 'x-federation-console': '1' };
  return {
    get: (path) => toConsole(path, {}),
    post: (path, body = {}) =>
      toConsole(path, { method: 'POST', headers: ofPage, body: JSON.stringify(body) }),
    follow: async (url, account) => {
      let at = new URL(url);
      for (let step = 0; step < 10 && at.origin !== publicUrl; step += 1) {
        const answer = await ask(at, account === undefined ? {} : { headers: { [accountHeader]: account } });
        const next = answer.headers.get('location');
        if (next === null) throw new Error(`${at.href} answered ${answer.status}: ${await answer.text()}`);
        at = new URL(next, at);
      }
      return at.search.slice(1);
    },
    setCookies: () => last,
  };
}

/** Begins a login at the console, and ends it at the provider. @returns what the console is then told */
export async function logInAtProvider(
  visitor: Visitor,
  account: string | undefined,
  start: object = {},
): Promise<string> {
  const begun = await visitor.post('/api/login/oidc', start);
  if (begun.status !== 200) throw new Error(`${begun.status}: ${await begun.text()}`);
  return await visitor.follow(Address.parse(await begun.json()).url, account);
}
