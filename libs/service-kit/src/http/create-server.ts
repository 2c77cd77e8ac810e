/** A fastify server as all of ours are: small bodies, no compilers of schemas, TLS where it is configured. */
import { fastify, type FastifyInstance } from 'fastify';
import type { AgentConfig } from '@federation-agent/contracts';
import { ownCertificate } from '@federation-agent/net';

export interface ServerLimits {
  /** Time-out of a request, milliseconds. */
  readonly requestMs: number;
  /** Longest parameter in a path, characters; absent: fastify's 100. */
  readonly maxParamLength?: number;
}

const largestBody = 16 * 1024;

/**
 * With `services.core.http.secured` it speaks TLS. It has no routes and does not listen yet.
 *
 * @throws ConfigurationError when the keystore cannot be used
 */
export function createServer(
  { secured, ssl }: AgentConfig['services']['core']['http'],
  { requestMs, maxParamLength }: ServerLimits,
): FastifyInstance {
  const common = {
    forceCloseConnections: true,
    requestTimeout: requestMs,
    bodyLimit: largestBody,
    routerOptions: { ignoreTrailingSlash: true, ...(maxParamLength !== undefined && { maxParamLength }) },
    // No route has a schema; without these, fastify loads its compilers all the same.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
  };
  const certificate =
    secured && ssl.keystore && ownCertificate('services.core.http.ssl.keystore', ssl.keystore);
  return certificate ? fastify({ ...common, https: certificate }) : fastify(common);
}

function noCompiler(): never {
  throw new TypeError('no route of this server has a schema');
}
