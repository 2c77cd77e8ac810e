/** The addresses of a stage: which of them work, and as the servers of its page. Pure. */
import type { CatalogEntry, Page } from '@federation-agent/contracts';
import type { Showing } from './template.ts';

type Where = Pick<CatalogEntry, 'addresses' | 'invokeUrl' | 'disableExecuteApiEndpoint' | 'apiType'>;

/**
 * The best first: custom domains, then the default endpoint unless it is switched off. Where nobody looks for domains,
 * or nobody may, the default endpoint is all there is.
 */
export function workingUrls(
  entry: Where,
  { customDomains = false }: Pick<Showing, 'customDomains'>,
): readonly string[] {
  const { addresses, invokeUrl, disableExecuteApiEndpoint, apiType } = entry;
  if (!customDomains || !addresses) return [invokeUrl];
  const own = addresses.map(({ url }) => (apiType === 'WEBSOCKET' ? url.replace(/^https:/u, 'wss:') : url));
  return disableExecuteApiEndpoint ? own : [...own, invokeUrl];
}

/**
 * The page with these servers. It stays as AWS wrote it where only the default endpoint works, and so it is not even
 * parsed.
 */
export function withServers(page: Page, entry: Where, showing: Pick<Showing, 'customDomains'>): Page {
  const urls = workingUrls(entry, showing);
  if (urls.length === 1 && urls[0] === entry.invokeUrl) return page;
  const document = JSON.parse(page.content) as Record<string, unknown>;
  return { ...page, content: JSON.stringify({ ...document, ...serversOf(document, urls) }) };
}

function serversOf(document: Readonly<Record<string, unknown>>, urls: readonly string[]): object {
  if ('asyncapi' in document)
    return {
      servers: Object.fromEntries(
        urls.map((url, index) => [
          `server${index + 1}`,
          { url: url.replace(/^wss:\/\//u, ''), protocol: 'wss' },
        ]),
      ),
    };
  if ('swagger' in document) {
    // Swagger 2.0 has one address.
    const [first] = urls;
    if (first === undefined) return { host: undefined, basePath: undefined, schemes: undefined };
    const { host, pathname } = new URL(first);
    return { host, basePath: pathname, schemes: ['https'] };
  }
  return { servers: urls.length > 0 ? urls.map((url) => ({ url })) : undefined };
}
