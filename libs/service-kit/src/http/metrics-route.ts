/**
 * The metrics at whatever path: in the classic form of Prometheus, or as OpenMetrics, with exemplars, where that is
 * asked for.
 */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import { openMetrics } from '@federation-agent/base';

export function serveMetrics(server: FastifyInstance, path: string, registry: Registry): void {
  if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry });
  server.get(path, async (request, reply) => {
    if (request.headers.accept?.includes('application/openmetrics-text')) {
      const { type, text } = await openMetrics(registry);
      return reply.type(type).send(text);
    }
    const text = await registry.metrics();
    return reply.type(registry.contentType).send(text);
  });
}
