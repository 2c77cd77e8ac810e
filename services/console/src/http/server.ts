/** The HTTP server of the console: it listens, and hands every request on as it came. */
import type { RequestListener } from 'node:http';
import type { AgentConfig } from '@federation-agent/contracts';
import { answerErrors, createServer } from '@federation-agent/service-kit';
import type { Logger } from 'pino';

export interface ConsoleServer {
  /** Such as `http://127.0.0.1:18087`. */
  readonly url: string;
  stop(): Promise<void>;
}

interface ConsoleServerOptions {
  /** Resolves with what answers requests. When it rejects, this request is answered with an error as JSON. */
  readonly open: () => Promise<RequestListener>;
  readonly log: Logger;
}

export const requestMs = 30_000;

/** With `services.core.http.secured` it uses TLS, with the same keystore. @throws the error of `listen` */
export async function startConsoleServer(
  config: AgentConfig,
  { open, log }: ConsoleServerOptions,
): Promise<ConsoleServer> {
  const { host, port } = config.federation.console;
  const server = createServer(config.services.core.http, { requestMs });
  answerErrors(server, log);
  // Before the body is read: whoever answers reads it.
  server.all('/*', {
    onRequest: async (request, reply) => {
      const answer = await open();
      reply.hijack();
      answer(request.raw, reply.raw);
    },
    handler: (_request, reply) => reply,
  });
  try {
    const url = await server.listen({ host, port });
    return { url, stop: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
