/** `FEDERATION_TEST_TIME_SCALE` lets tests turn 60 s into 3 s. It is refused unless every endpoint is loopback. */
import { limitsAt, realLimits, type AgentConfig, type Limits } from '@federation-agent/contracts';
import { isLoopback } from '@federation-agent/net';

export const timeScaleName = 'FEDERATION_TEST_TIME_SCALE';

export type Scaled = { readonly limits: Limits } | { readonly mistake: string };

export function scaledLimits(text: string | undefined, config: AgentConfig): Scaled {
  if (text === undefined || text.trim() === '') return { limits: realLimits };
  const scale = Number(text);
  if (!(scale >= 1) || !Number.isFinite(scale))
    return { mistake: `${timeScaleName}: must be a number from 1` };
  const remote = endpointsOf(config).find(([, url]) => !isLoopback(url));
  return remote
    ? { mistake: `${timeScaleName}: refused: ${remote[0]} is not loopback; it is for tests only` }
    : { limits: limitsAt(scale) };
}

/** Every endpoint that a process would connect to. Without one for AWS, the process connects to AWS. */
function endpointsOf(config: AgentConfig): readonly (readonly [string, string])[] {
  const { connector, providers } = config.integration;
  const { url } = config.federation.broker;
  return [
    ...connector.ws.endpoints.map(
      (endpoint, n) => [`integration.connector.ws.endpoints[${n}]`, endpoint] as const,
    ),
    ...providers.flatMap(({ configuration: { endpointUrl, stsEndpointUrl, sqsEndpointUrl } }, n) => {
      const path = `integration.providers[${n}].configuration`;
      return [
        [`${path}.endpointUrl`, endpointUrl ?? 'https://amazonaws.com'] as const,
        ...(stsEndpointUrl === undefined ? [] : [[`${path}.stsEndpointUrl`, stsEndpointUrl] as const]),
        ...(sqsEndpointUrl === undefined ? [] : [[`${path}.sqsEndpointUrl`, sqsEndpointUrl] as const]),
      ];
    }),
    ...(url ?? '')
      .split(',')
      .filter(Boolean)
      .map(
        (server) => ['federation.broker.url', server.includes('://') ? server : `nats://${server}`] as const,
      ),
  ];
}
