/** The connections through which the SDK's clients reach AWS. */
import type { Limits } from '@federation-agent/contracts';
import { createProxyAgent, type ProxyRoute } from '@federation-agent/net';

/**
 * Part of a client's `requestHandler`. Each client has its own agent and destroys it with itself. Without a route:
 * nothing.
 */
export function proxyAgents(route: ProxyRoute | undefined, limits: Limits, { keepAlive = true } = {}) {
  if (!route) return {};
  const agent = createProxyAgent(route, { connectTimeout: limits.connectCall, keepAlive });
  return { httpAgent: agent, httpsAgent: agent };
}
