/** The HTTP server of the console: the API and the pages, under headers that leave a page no room for others' code. */
import type { AgentConfig } from '@federation-agent/contracts';
import { answerErrors, createServer } from '@federation-agent/service-kit';
import type { Logger } from 'pino';
import { readPages, servePages } from './pages.ts';
import { serveApi, type ServeApiOptions } from './serve-api.ts';

export interface ConsoleServer {
  /** Such as `http://127.0.0.1:18087`. */
  readonly url: string;
  stop(): Promise<void>;
}

const requestMs = 30_000;
/** A subscription or an API is named in a path by its id. */
const maxParamLength = 500;

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** With `services.core.http.secured` it uses TLS, with the same keystore. @throws the error of `listen` */
export async function startConsoleServer(
  config: AgentConfig,
  options: ServeApiOptions & { readonly log: Logger },
): Promise<ConsoleServer> {
  const { host, port } = config.federation.console;
  const server = createServer(config.services.core.http, { requestMs, maxParamLength });
  answerErrors(server, options.log);
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
  serveApi(server, options);
  servePages(server, readPages());
  try {
    const url = await server.listen({ host, port });
    return { url, stop: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
