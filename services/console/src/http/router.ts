/** The API and the pages, under headers that leave a page no room for others' code. It does not listen. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { AgentConfig } from '@federation-agent/contracts';
import { answerErrors, createServer } from '@federation-agent/service-kit';
import { readPages, servePages } from './pages.ts';
import { serveApi, type ServeApiOptions } from './serve-api.ts';
import { requestMs } from './server.ts';

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

/** Its `routing` answers a request. */
export async function createRouter(
  { services }: AgentConfig,
  options: ServeApiOptions & { readonly log: Logger },
): Promise<FastifyInstance> {
  // The server that listens has the certificate.
  const router = createServer({ ...services.core.http, secured: false }, { requestMs, maxParamLength });
  answerErrors(router, options.log);
  router.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
  serveApi(router, options);
  servePages(router, readPages());
  await router.ready();
  return router;
}
