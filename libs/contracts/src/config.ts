/**
 * Every configuration key, declared once: its shape, default and description. The parser, the variable names, the
 * reference and the JSON schema are made from it. Keys are those of the official agent; our own are under `federation.`
 * and beside the provider's.
 */
import { z } from 'zod';
import { broker } from './config-broker.ts';
import { consoleKeys, eventKeys } from './config-console.ts';
import { keystore, truststore } from './config-stores.ts';
import {
  booleanValue,
  hostName,
  integer,
  list,
  oneOf,
  positiveNumber,
  secretMeta,
  text,
  url,
} from './config-values.ts';
import { filterProblem } from './filter/problem.ts';
import { maxFrameBytes, maxMessageBytes } from './limits.ts';
import { readInterval, readSchedule } from './schedule.ts';
import { templateProblem } from './template-words.ts';

/** An unknown word would be shown in APIM as it is. */
const template = (key: Parameters<typeof templateProblem>[0]): typeof text =>
  text.refine((value) => templateProblem(key, value) === undefined, {
    error: ({ input }) => templateProblem(key, String(input)) ?? '',
  });

const proxyServer = {
  type: oneOf('HTTP', 'SOCKS4', 'SOCKS5').default('HTTP').meta({ description: 'Kind of proxy' }),
  host: hostName.exactOptional().meta({ description: 'Host of the proxy' }),
  port: integer(1, 65_535).default(3128).meta({ description: 'Port of the proxy' }),
  username: text.exactOptional().meta({ description: 'User name for the proxy' }),
  password: text.exactOptional().meta({ description: 'Password for the proxy', ...secretMeta }),
};

const webSocket = z.object({
  endpoints: list
    .pipe(z.array(url('http', 'https', 'ws', 'wss')))
    .default([])
    .meta({ description: 'URLs of the APIM integration controller; the agent tries them in turn' }),
  headers: z
    .array(
      z.object({
        name: text.meta({ description: 'Name of an upgrade header', example: 'Authorization' }),
        value: text.meta({ description: 'Value of that header', example: 'bearer <token>', ...secretMeta }),
      }),
    )
    .default([])
    .meta({ description: 'Headers of the upgrade request, normally Authorization', endsWithout: 'name' }),
  ssl: z
    .object({
      trustAll: booleanValue.default(false).meta({ description: 'Accept any certificate' }),
      verifyHost: booleanValue
        .default(true)
        .meta({ description: 'Require that the certificate names the host' }),
      truststore: truststore.exactOptional(),
      keystore: keystore.exactOptional(),
    })
    .prefault({}),
  proxy: z
    .object({
      enabled: booleanValue
        .exactOptional()
        .meta({ description: 'Connect to APIM through a proxy; absent: only with useSystemProxy' }),
      useSystemProxy: booleanValue.default(false).meta({
        description:
          'Connect to APIM and AWS through system.proxy, else HTTPS_PROXY or HTTP_PROXY; not for hosts in NO_PROXY',
      }),
      ...proxyServer,
    })
    .prefault({}),
  maxWebSocketFrameSize: integer(125, maxFrameBytes)
    .default(maxFrameBytes)
    .meta({ description: 'Largest frame that the agent sends, in bytes' }),
  maxWebSocketMessageSize: integer(65_536, maxMessageBytes)
    .default(maxMessageBytes)
    .meta({ description: 'Largest message that the agent sends, in bytes' }),
  autoReconnect: booleanValue
    .default(false)
    .meta({ description: 'Connect again even after GOOD_BYE {reconnect: false}' }),
});

const changeQueueUrl = () =>
  url('http', 'https').exactOptional().meta({
    description:
      'URL of the SQS queue with the changes of API Gateway (deploy/aws); absent: only scans notice changes',
    example: 'https://sqs.eu-west-1.amazonaws.com/123456789012/federation-changes',
  });

const target = z.object({
  accountId: text
    .exactOptional()
    .meta({ description: 'Account of this target; the agent checks it with STS where STS can be asked' }),
  roleArn: text.exactOptional().meta({ description: 'Role to assume for this target' }),
  externalId: text.exactOptional().meta({ description: 'External id of that role', ...secretMeta }),
  regions: list.meta({ description: 'Regions of this target', example: 'eu-west-1' }),
  changeQueueUrl: changeQueueUrl(),
});

const nameFilter = z
  .object({
    names: list.meta({ description: 'API names; * stands for any text' }),
    tags: list.meta({ description: 'Tags, as key or key=value' }),
    stages: list.meta({ description: 'Stage names' }),
  })
  .partial();

/** Half a day, so that a skipped API is still read daily when one scan is missed. */
const longestQuiet = 12 * 60 * 60_000;

const providerConfiguration = z.object({
  region: list.exactOptional().meta({ description: 'AWS region, or several separated by commas' }),
  accessKeyId: text
    .exactOptional()
    .meta({ description: "AWS access key id; without it the SDK's default chain" }),
  secretAccessKey: text.exactOptional().meta({ description: 'AWS secret access key', ...secretMeta }),
  sessionToken: text.exactOptional().meta({ description: 'AWS session token', ...secretMeta }),
  roleArn: list
    .exactOptional()
    .meta({ description: 'Role to assume, or several; each role is used in each region' }),
  externalId: text.exactOptional().meta({ description: 'External id of the roles', ...secretMeta }),
  acceptApiWithoutUsagePlan: booleanValue
    .default(false)
    .meta({ description: 'Also discover stages that are in no usage plan' }),
  httpApis: booleanValue.exactOptional().meta({
    description:
      'Also discover HTTP APIs, which have no plans; needs GET on /apis*; absent: as acceptApiWithoutUsagePlan',
  }),
  webSocketApis: booleanValue
    .default(false)
    .meta({ description: 'Also discover WebSocket APIs, which have no plans; needs GET on /apis*' }),
  customDomains: booleanValue.default(false).meta({
    description: 'Show addresses under custom domains; needs GET (and ListRoutingRules) on /domainnames*',
  }),
  accountLimits: booleanValue.default(false).meta({
    description: "Name the account's throttle in plans that allow more; needs GET on /account",
  }),
  stage: list.exactOptional().meta({ description: 'Only these stages' }),
  targets: z
    .array(target)
    .default([])
    .meta({ description: 'Accounts and regions, instead of region and roleArn' }),
  requestsPerSecond: positiveNumber(8)
    .default(5)
    .meta({ description: "AWS calls per second for each account and region, of AWS's fixed 10" }),
  burst: integer(1, 10).default(5).meta({ description: 'AWS calls that may go out at once' }),
  removeDetachedPlans: booleanValue.default(false).meta({
    description:
      'Remove a plan that is detached in AWS from APIM, with its subscriptions, after two complete reads',
  }),
  schedule: text
    .refine((value) => readSchedule(value) !== undefined, {
      error: 'must be an interval of 10 seconds or more such as 15m, a cron expression, or off',
    })
    .exactOptional()
    .meta({
      description:
        'When to scan: an interval such as 15m, a cron expression, or off; absent: 15m, and rarely while changes are heard from changeQueueUrl',
    }),
  stagesAtLeast: text
    .refine((value) => (readInterval(value) ?? Infinity) <= longestQuiet, {
      error: 'must be an interval from 10 seconds to 12 hours, such as 12h',
    })
    .default('12h')
    .meta({
      description:
        'Longest time between two reads of the stages of a REST API that has not changed for long; no longer than the schedule: every scan reads them',
    }),
  include: nameFilter.prefault({}),
  exclude: nameFilter.prefault({}),
  filter: text
    .refine((value) => filterProblem(value) === undefined, {
      error: ({ input }) => filterProblem(String(input)) ?? '',
    })
    .exactOptional()
    .meta({
      description:
        'Only stages for which this expression is true, on tag.<key>, name, stage, endpointType, apiType, account and region',
      example: 'tag.team == "payments" && stage in ("prod", "live")',
    }),
  apiName: text.exactOptional().meta({
    description:
      'Name in APIM, with {name}, {stage}, {region}, {account} and {tag.<key>}; default {name} ({stage})',
  }),
  apiVersion: template('apiVersion').exactOptional().meta({
    description:
      'Version in APIM, with {info.version}, {deployment}, {tag.<key>} and {stage}; absent: the version or creation date of the API',
  }),
  apiGroup: template('apiGroup').exactOptional().meta({
    description:
      'Value of the metadata "API group", which the stages of one API share; with the words of apiName, such as {name}',
  }),
  ownerTag: text.exactOptional().meta({ description: 'Tag whose value is the metadata "Owner"' }),
  contactTag: text.exactOptional().meta({ description: 'Tag whose value is the metadata "Contact"' }),
  changeQueueUrl: changeQueueUrl(),
  endpointUrl: url('http', 'https').exactOptional().meta({
    description: "Endpoint of API Gateway, instead of AWS's own; one on loopback serves STS and SQS too",
  }),
  sqsEndpointUrl: url('http', 'https')
    .exactOptional()
    .meta({ description: "Endpoint of SQS, instead of AWS's own" }),
  stsEndpointUrl: url('http', 'https')
    .exactOptional()
    .meta({ description: "Endpoint of STS, instead of AWS's own" }),
});

/**
 * The official pages also show `configuration[0].stage`, `configuration[1].stage`: the items are one configuration, the
 * stages a list.
 */
function oneConfiguration(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.filter(
    (item): item is Record<string, unknown> => typeof item === 'object' && item !== null,
  );
  const stages = items.flatMap((item) => (item['stage'] === undefined ? [] : [item['stage']]));
  const merged: Record<string, unknown> = {};
  for (const item of items) Object.assign(merged, item);
  return stages.length > 0 ? { ...merged, stage: stages } : merged;
}

const integrationProvider = z.object({
  type: text
    .refine((type) => type === 'aws-api-gateway', {
      error: 'must be aws-api-gateway: this agent supports no other provider',
    })
    .meta({ description: 'Always aws-api-gateway', example: 'aws-api-gateway' }),
  integrationId: text.meta({
    description: 'Id of the integration in the APIM console',
    example: '4a9b2c1d-0e5f-4a6b-8c7d-9e0f1a2b3c4d',
  }),
  configuration: z.preprocess(oneConfiguration, providerConfiguration.prefault({})),
});

const logLevel = oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace');

const coreHttp = z.object({
  enabled: booleanValue
    .default(true)
    .meta({ description: 'Serve health, metrics and the node API over HTTP' }),
  port: integer(0, 65_535)
    .default(18_084)
    .meta({ description: 'Port of the HTTP server; 0 takes a free one' }),
  host: text.default('localhost').meta({ description: 'Address that the HTTP server listens on' }),
  authentication: z
    .object({
      type: oneOf('basic', 'none')
        .default('basic')
        .meta({ description: 'Whether /_node asks for a password; none: it is open to everybody' }),
      users: z
        .record(z.string(), text.meta({ description: 'Password of this user at /_node', ...secretMeta }))
        .default({}),
    })
    .prefault({}),
  secured: booleanValue.default(false).meta({ description: 'Serve HTTPS, with the keystore' }),
  ssl: z.object({ keystore: keystore.exactOptional() }).prefault({}),
});

const federation = z.object({
  broker: broker.prefault({}),
  console: consoleKeys.prefault({}),
  events: eventKeys.prefault({}),
  sealingKey: text.exactOptional().meta({
    description: 'Key that seals the stored key values: 32 bytes in base64; required with an external broker',
    ...secretMeta,
  }),
  previousSealingKeys: list
    .default([])
    .meta({ description: 'Older sealing keys that may still open stored key values', ...secretMeta }),
  dataDir: text.default('./data').meta({ description: "Folder of the embedded broker's store" }),
  dataDirWait: integer(0, 3_600).default(30).meta({
    description:
      'Seconds to wait for a data folder that another agent uses; mostly that agent is about to end',
  }),
  ingest: z
    .object({
      batchApis: integer(1, 500).default(25).meta({ description: 'Most APIs in one batch' }),
      batchBytes: integer(65_536, 12_000_000)
        .default(1024 * 1024)
        .meta({ description: 'Most bytes of one batch' }),
      startDelayMs: integer(0, 60_000)
        .default(1_000)
        .meta({ description: 'Milliseconds between the START_INGEST reply and the first batch' }),
      utf8mb3: booleanValue.default(false).meta({
        description:
          'Set it when APIM is on MySQL or MariaDB: characters beyond the basic plane, such as emoji, are sent as U+FFFD',
      }),
    })
    .prefault({}),
  cloud: z
    .object({
      path: text
        .default('/apim/integration-controller')
        .meta({ description: 'Path at the cloud gate of the region that the Cloud Token names' }),
    })
    .prefault({}),
  kubernetes: z
    .object({
      serviceAccountDir: text.default('/var/run/secrets/kubernetes.io/serviceaccount').meta({
        description:
          'Folder with token, ca.crt and namespace of the service account that reads secret://kubernetes/',
      }),
    })
    .prefault({}),
  telemetry: z
    .object({
      otlpEndpoint: url('http', 'https')
        .exactOptional()
        .meta({ description: 'Where traces go; absent: nowhere' }),
    })
    .prefault({}),
  log: z
    .object({
      level: logLevel.default('info').meta({ description: 'Log level' }),
      loggers: z
        .record(
          z.string(),
          logLevel.meta({
            description:
              'Level of one logger: a service (gateway-link), an area (channel, commands, ingest, discover, scan, saga, sweep, aws, broker, http), or service.area',
          }),
        )
        .default({}),
      format: oneOf('json', 'pretty')
        .exactOptional()
        .meta({ description: 'Form of log lines; absent: pretty on a terminal, else json' }),
    })
    .prefault({}),
});

/** The whole configuration of the agent and of each service. */
export const AgentConfig = z.object({
  integration: z
    .object({
      connector: z.object({ ws: webSocket.prefault({}) }).prefault({}),
      providers: z.array(integrationProvider).default([]),
    })
    .prefault({}),
  services: z
    .object({
      core: z
        .object({
          http: coreHttp.prefault({}),
        })
        .prefault({}),
      metrics: z
        .object({
          enabled: booleanValue.default(false).meta({ description: 'Serve metrics' }),
          prometheus: z
            .object({
              enabled: booleanValue
                .default(false)
                .meta({ description: 'Serve metrics in the format of Prometheus' }),
            })
            .prefault({}),
        })
        .prefault({}),
    })
    .prefault({}),
  system: z.object({ proxy: z.object(proxyServer).prefault({}) }).prefault({}),
  cloud: z
    .object({
      token: text.exactOptional().meta({
        description:
          'Cloud Token for the Federation Agent; it gives the endpoint and the Authorization header that you do not set',
        ...secretMeta,
      }),
    })
    .prefault({}),
  federation: federation.prefault({}),
});
export type AgentConfig = z.output<typeof AgentConfig>;
export type ProviderConfig = AgentConfig['integration']['providers'][number];
export type AwsProviderConfiguration = ProviderConfig['configuration'];
export type WebSocketConfig = AgentConfig['integration']['connector']['ws'];
export type CoreHttpConfig = AgentConfig['services']['core']['http'];
export type SystemProxyConfig = AgentConfig['system']['proxy'];
export type ConsoleConfig = AgentConfig['federation']['console'];
export type BrokerConfig = AgentConfig['federation']['broker'];
