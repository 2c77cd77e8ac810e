/**
 * Serves the metrics at a path: in the classic Prometheus format, or as OpenMetrics with exemplars when the scraper
 * asks for it.
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
