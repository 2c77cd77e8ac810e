/** The keys below `federation.console` and `federation.events`. */
import { z } from 'zod';
import { truststore } from './config-stores.ts';
import { booleanValue, integer, list, secretMeta, text, url } from './config-values.ts';

const oidc = z.object({
  issuer: url('http', 'https')
    .exactOptional()
    .meta({ description: 'Issuer of the OpenID provider to log in with; absent: only with passwords' }),
  clientId: text.exactOptional().meta({ description: 'Id of the console at the OpenID provider' }),
  clientSecret: text
    .exactOptional()
    .meta({ description: 'Secret of that client; absent: a public client', ...secretMeta }),
  scopes: list
    .default(['openid', 'profile'])
    .meta({ description: 'Scopes that the console asks for; openid is required' }),
  userClaim: text.default('preferred_username').meta({
    description: 'Claim with the name of the user; sub stands in for it where it is missing',
  }),
  rolesClaim: text.exactOptional().meta({
    description: 'Claim with the roles or groups of the user; a dot leads into an object: realm_access.roles',
  }),
  operatorRoles: list.default([]).meta({ description: 'Roles that may act in the console' }),
  viewerRoles: list.default([]).meta({
    description: 'Roles that may look; absent: everybody whom the OpenID provider lets in',
  }),
  truststore: truststore.exactOptional(),
});

export const consoleKeys = z.object({
  enabled: booleanValue
    .default(true)
    .meta({ description: 'Serve the console: its pages, its HTTP API, and what ctl asks' }),
  port: integer(0, 65_535).default(18_087).meta({ description: 'Port of the console; 0 takes a free one' }),
  host: text.default('localhost').meta({ description: 'Address that the console listens on' }),
  publicUrl: url('http', 'https').exactOptional().meta({
    description:
      'URL at which browsers reach the console, without a path; required with oidc.issuer. With https, cookies are Secure',
  }),
  traceUrl: url('http', 'https')
    .refine((value) => value.includes('{traceId}'), {
      error: 'must have {traceId} where the id of the trace goes',
    })
    .exactOptional()
    .meta({
      description:
        'URL of a trace where people look at traces; {traceId} stands for its id. Absent: events show the id',
      example: 'http://localhost:16686/trace/{traceId}',
    }),
  operators: list.default([]).meta({
    description:
      'Users of services.core.http.authentication and of the OpenID provider that may act in the console; all others only read. * stands for everybody',
  }),
  oidc: oidc.prefault({}),
});

const forwardKeys = z.object({
  file: z
    .object({
      path: text.exactOptional().meta({
        description: 'File to which every event is appended, as a line of JSON. Absent: none',
        example: '/var/log/federation-agent/events.jsonl',
      }),
      megabytes: integer(1, 100_000)
        .default(100)
        .meta({ description: 'Size at which the file is renamed to <path>.1, and a new one begins' }),
      keep: integer(0, 100).default(5).meta({ description: 'Renamed files that are kept' }),
    })
    .prefault({}),
  otlp: z
    .object({
      endpoint: url('http', 'https').exactOptional().meta({
        description:
          'OTLP/HTTP endpoint to which every event is sent as a log record; /v1/logs is added. Absent: none',
        example: 'http://collector:4318',
      }),
      authorization: text
        .exactOptional()
        .meta({ description: 'Header Authorization of these requests', ...secretMeta }),
    })
    .prefault({}),
});

export const eventKeys = z.object({
  days: integer(1, 3_650).default(7).meta({
    description:
      'Days that the audit trail is kept, up to 1 GiB; a change takes effect at the next start. Give every service the same',
  }),
  forward: forwardKeys.prefault({}),
});
