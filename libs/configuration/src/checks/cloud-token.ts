/**
 * The token of Gravitee Cloud: a JWT whose claims tell where the control plane is. `cpg` is its region, `org` the
 * organisation, `envs` the environments. The agent does not check the signature; the cloud gate does.
 */
import { z } from 'zod';
import type { AgentConfig } from '@federation-agent/contracts';

/** The regions of Gravitee Cloud that its documentation lists. */
const regions: readonly string[] = ['eu', 'us'];

const CloudClaims = z.object({
  /** A part of the gate's host name. */
  cpg: z.string().regex(/^[a-z][a-z\d-]*$/u),
  org: z.string().min(1).optional(),
  envs: z.union([z.array(z.string()), z.string().transform((one) => [one])]).optional(),
  /** Seconds since 1970. */
  exp: z.number().optional(),
});
type CloudClaims = z.output<typeof CloudClaims>;

/** @returns the claims, or what is wrong; never a usable part of the token */
function readCloudToken(token: string, now: number): CloudClaims | { readonly mistake: string } {
  const parts = token.split('.');
  const json = parts.length === 3 ? jsonOf(parts[1] ?? '') : undefined;
  if (json === undefined)
    return { mistake: 'is not a JWT: copy the whole Cloud Token from the Gravitee Cloud console' };
  const parsed = CloudClaims.safeParse(json);
  if (!parsed.success) {
    const claim = parsed.error.issues[0]?.path[0];
    return claim === 'cpg'
      ? {
          mistake: `has no usable region in its claim cpg, such as ${regions.join(' or ')}; set the endpoint yourself in integration.connector.ws.endpoints[0]`,
        }
      : { mistake: `has a claim of an unexpected type (${String(claim)})` };
  }
  const { exp } = parsed.data;
  if (exp !== undefined && exp * 1_000 <= now) {
    return {
      mistake: `expired at ${new Date(exp * 1_000).toISOString()}: make a new Cloud Token in the Gravitee Cloud console`,
    };
  }
  return parsed.data;
}

export interface WithCloudToken {
  readonly config: AgentConfig;
  /** Paths whose values come from the token. */
  readonly derived: readonly string[];
  readonly mistakes: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Takes endpoint and Authorization header from the token where the user set none. When nothing of the token is used, a
 * mistake in it is only a warning.
 *
 * @param suspicion why the token is certainly wrong: it is a placeholder
 */
export function withCloudToken(config: AgentConfig, now: number, suspicion?: string): WithCloudToken {
  const { token } = config.cloud;
  const { ws } = config.integration.connector;
  const nothing = { config, derived: [], mistakes: [], warnings: [] };
  if (token === undefined) return nothing;
  const needsEndpoint = ws.endpoints.length === 0;
  const needsHeader = !ws.headers.some(({ name }) => name.toLowerCase() === 'authorization');
  const claims = suspicion === undefined ? readCloudToken(token, now) : { mistake: suspicion };
  if ('mistake' in claims && needsEndpoint) return { ...nothing, mistakes: [claims.mistake] };
  if ('mistake' in claims && !needsHeader) {
    return {
      ...nothing,
      warnings: [`${claims.mistake}; it is not used: endpoint and Authorization are configured`],
    };
  }
  if ('mistake' in claims) return { ...nothing, mistakes: [claims.mistake] };
  const path = config.federation.cloud.path.replace(/^\/*/u, '/');
  const host = `${claims.cpg}.cloudgate.gravitee.io`;
  const header = { name: 'Authorization', value: `Bearer ${token}` };
  return {
    ...nothing,
    warnings:
      needsEndpoint && !regions.includes(claims.cpg)
        ? [`names the region ${claims.cpg}, which this agent does not know: it connects to ${host}`]
        : [],
    config: {
      ...config,
      integration: {
        ...config.integration,
        connector: {
          ...config.integration.connector,
          ws: {
            ...ws,
            endpoints: needsEndpoint ? [`https://${host}${path}`] : ws.endpoints,
            headers: needsHeader ? [...ws.headers, header] : ws.headers,
          },
        },
      },
    },
    derived: [
      ...(needsEndpoint ? ['integration.connector.ws.endpoints[0]'] : []),
      ...(needsHeader
        ? [
            `integration.connector.ws.headers[${ws.headers.length}].name`,
            `integration.connector.ws.headers[${ws.headers.length}].value`,
          ]
        : []),
    ],
  };
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
