/** Wrong configurations, as people write them, and what each prints: one line per mistake, all at once, no secret. */
export const validEnvironment = {
  gravitee_integration_connector_ws_endpoints_0: 'https://apim.example.com/integration-controller',
  gravitee_integration_connector_ws_headers_0_name: 'Authorization',
  gravitee_integration_connector_ws_headers_0_value: 'bearer s3cr3t',
  gravitee_integration_providers_0_type: 'aws-api-gateway',
  gravitee_integration_providers_0_integrationId: 'one',
  gravitee_integration_providers_0_configuration_region: 'eu-west-1',
};
const ws = 'gravitee_integration_connector_ws_';
const provider = 'gravitee_integration_providers_0_';
const second = 'gravitee_integration_providers_1_';
const key = `${provider}configuration_`;
const nothing = Object.fromEntries(Object.keys(validEnvironment).map((name) => [name, '']));

export interface WrongConfiguration {
  /** Variables in addition to the valid ones. */
  readonly env?: Record<string, string>;
  /** Content of `g.yml`. */
  readonly file?: string | Buffer;
  readonly argv?: readonly string[];
  /** All lines, in any order. */
  readonly prints: readonly RegExp[];
}

/** Keys and their values. */
export const wrongValues: Readonly<Record<string, WrongConfiguration>> = {
  'nothing at all': {
    env: nothing,
    prints: [
      /^integration\.connector\.ws\.endpoints\[0\] .*: required/u,
      /^integration\.providers\[0\]\.integrationId .*: required/u,
    ],
  },
  'no endpoint': { env: { [`${ws}endpoints_0`]: '' }, prints: [/endpoints_0\): required: the URL/u] },
  'an endpoint without its scheme': {
    env: { [`${ws}endpoints_0`]: 'apim.example.com/integration-controller' },
    prints: [/^gravitee_integration_connector_ws_endpoints_0: must be a URL that starts with http:\/\//u],
  },
  'an endpoint of another scheme': {
    env: { [`${ws}endpoints_0`]: 'ftp://s3cr3t' },
    prints: [/http:\/\/ or https:\/\//u],
  },
  'an endpoint with a port that there is not': {
    env: { [`${ws}endpoints_0`]: 'https://apim.example.com:99999/' },
    prints: [/endpoints_0: must be a URL: its host or its port is not valid$/u],
  },
  'a header without a value': {
    env: { [`${ws}headers_0_value`]: '' },
    prints: [/headers_0_value\): required$/u],
  },
  'a header without its token': {
    env: { [`${ws}headers_0_value`]: 'bearer ' },
    prints: [/headers_0_value: has no token after bearer: check whether its variable or secret is empty$/u],
  },
  'a header with a line break': {
    env: { [`${ws}headers_0_value`]: 'bearer s3cr3t\ns3cr3t' },
    prints: [/headers_0_value: has a line break or another character that no header may have$/u],
  },
  'a name that is not a header': {
    env: { [`${ws}headers_0_name`]: 'Authorization:' },
    prints: [/headers_0_name: must be the name of a header, such as Authorization$/u],
  },
  'a boolean that is neither true nor false': {
    env: { [`${ws}ssl_trustAll`]: 's3cr3t' },
    prints: [/trustAll: must be true or false$/u],
  },
  'another word for yes': {
    env: { [`${ws}autoReconnect`]: 'yep' },
    prints: [/autoReconnect: must be true or false$/u],
  },
  'a frame that is too large': {
    env: { [`${ws}maxWebSocketFrameSize`]: '65537' },
    prints: [/maxWebSocketFrameSize: must be a whole number from 125 to 65536$/u],
  },
  'another provider': {
    env: { [`${provider}type`]: 'azure' },
    prints: [/type: must be aws-api-gateway: this agent supports no other/u],
  },
  'no integration': { env: { [`${provider}integrationId`]: '' }, prints: [/integrationId\): required$/u] },
  'an integration twice': {
    env: {
      [`${second}type`]: 'aws-api-gateway',
      [`${second}integrationId`]: 'one',
      [`${second}configuration_region`]: 'eu-west-2',
    },
    prints: [/^gravitee_integration_providers_1_integrationId: one is configured twice$/u],
  },
  'a queue of two integrations': {
    env: {
      [`${key}changeQueueUrl`]: 'https://sqs.eu-west-1.amazonaws.com/123456789012/changes',
      [`${second}type`]: 'aws-api-gateway',
      [`${second}integrationId`]: 'two',
      [`${second}configuration_targets_0_regions`]: 'eu-west-1',
      [`${second}configuration_targets_0_changeQueueUrl`]:
        'https://sqs.eu-west-1.amazonaws.com/123456789012/changes',
    },
    prints: [/configuration.changeQueueUrl.*: another integration reads this queue/u],
  },
  'no region': { env: { [`${key}region`]: '' }, prints: [/region\): required: the AWS region/u] },
  'regions that there are not': {
    env: { [`${key}region`]: 'eu-west1, us-east-1, Ireland' },
    prints: [
      /region: eu-west1 is not the name of an AWS region, such as eu-west-1$/u,
      /region: Ireland is not/u,
    ],
  },
  'half an AWS key': {
    env: { [`${key}accessKeyId`]: 'AKIAS3CR3T' },
    prints: [/secretAccessKey\): required beside the other half/u],
  },
  'the halves of an AWS key swapped': {
    env: { [`${key}accessKeyId`]: 's3cr3t', [`${key}secretAccessKey`]: 'AKIAIOSFODNN7EXAMPLE' },
    prints: [/secretAccessKey: is the id of a key, not its secret: are the two swapped\?$/u],
  },
  'a temporary AWS key without its token': {
    env: { [`${key}accessKeyId`]: 'ASIAIOSFODNN7EXAMPLE', [`${key}secretAccessKey`]: 's3cr3t' },
    prints: [/sessionToken\): required: a key that begins with ASIA is temporary$/u],
  },
  'a role and an account in a wrong form': {
    env: {
      [`${key}roleArn`]: 'agent',
      [`${key}targets_0_accountId`]: '1234',
      [`${key}targets_0_regions`]: 'eu-west-1',
    },
    prints: [
      /roleArn: must be the ARN of a role, such as arn:aws:iam::123456789012:role\/agent$/u,
      /accountId: must be the 12 digits of an AWS account$/u,
    ],
  },
  'more requests than AWS allows': {
    env: { [`${key}requestsPerSecond`]: '11', [`${key}burst`]: '0' },
    prints: [
      /requestsPerSecond: must be a number above 0, at most 8$/u,
      /burst: must be a whole number from 1 to 10$/u,
    ],
  },
  'an address of traces without the place for the id': {
    env: { gravitee_federation_console_traceUrl: 'http://localhost:16686/trace/' },
    prints: [/traceUrl: must have \{traceId\} where the id of the trace goes$/u],
  },
  'schedules that never come': {
    env: {
      [`${key}schedule`]: '0 0 30 2 *',
      [`${second}type`]: 'aws-api-gateway',
      [`${second}integrationId`]: 'two',
      [`${second}configuration_region`]: 'eu-west-1',
      [`${second}configuration_schedule`]: 'every 15 minutes',
    },
    prints: [
      /^gravitee_integration_providers_0_configuration_schedule: must be an interval of 10 seconds or more/u,
      /^gravitee_integration_providers_1_configuration_schedule: must be an interval/u,
    ],
  },
  'a port that is not a number': {
    file: 'services: {core: {http: {port: s3cr3t}}}',
    prints: [/^services\.core\.http\.port \(g\.yml\): must be a whole number from 0 to 65535$/u],
  },
  'a port out of range': {
    env: { gravitee_services_core_http_port: '70000' },
    prints: [/^gravitee_services_core_http_port: must be a whole number from 0 to 65535$/u],
  },
  'a console that is neither on nor off': {
    env: { gravitee_federation_console_enabled: 'maybe' },
    prints: [/^gravitee_federation_console_enabled: must be true or false$/u],
  },
  'a port of the console that there is not': {
    env: { gravitee_federation_console_port: '70000' },
    prints: [/^gravitee_federation_console_port: must be a whole number from 0 to 65535$/u],
  },
  'a public URL of the console with a path': {
    env: { gravitee_federation_console_publicUrl: 'https://example.com/console' },
    prints: [/^gravitee_federation_console_publicUrl: must be without a path, such as https:/u],
  },
  'an OpenID provider, and nothing else': {
    env: {
      gravitee_federation_console_oidc_issuer: 'http://login.example.com',
      gravitee_federation_console_oidc_scopes: 'profile',
      gravitee_federation_console_oidc_operatorRoles: 'admins',
      gravitee_services_core_http_authentication_type: 'none',
    },
    prints: [
      /^federation\.console\.oidc\.clientId .*: required beside issuer$/u,
      /^federation\.console\.publicUrl .*: required beside federation\.console\.oidc\.issuer: the URL/u,
      /^federation\.console\.oidc\.rolesClaim .*: required beside operatorRoles and viewerRoles$/u,
      /^gravitee_federation_console_oidc_scopes: must contain openid$/u,
      /^gravitee_federation_console_oidc_issuer: must begin with https:\/\/$/u,
      /^gravitee_services_core_http_authentication_type: must be basic beside/u,
    ],
  },
  'a client of an OpenID provider without the provider': {
    env: {
      gravitee_federation_console_oidc_clientId: 'console',
      gravitee_federation_console_oidc_clientSecret: 's3cr3t',
    },
    prints: [/^federation\.console\.oidc\.issuer .*: required beside clientId$/u],
  },
  'events that are forwarded to no URL': {
    env: { gravitee_federation_events_forward_otlp_endpoint: 'collector:4318' },
    prints: [/^gravitee_federation_events_forward_otlp_endpoint: /u],
  },
  'events that are kept for no day': {
    env: { gravitee_federation_events_days: '0' },
    prints: [/^gravitee_federation_events_days: must be a whole number from 1 to 3650$/u],
  },
  'a hash instead of a password': {
    file: 'services: {core: {http: {authentication: {users: {admin: "$2a$10$s3cr3t"}}}}}',
    prints: [/users\.admin \(g\.yml\): must be the password itself, not its bcrypt hash/u],
  },
  'sealing keys that are too short': {
    env: { gravitee_federation_sealingKey: 's3cr3t', gravitee_federation_previousSealingKeys_0: 's3cr3t' },
    prints: [
      /^gravitee_federation_sealingKey: must be 32 bytes, base64: openssl rand -base64 32$/u,
      /^gravitee_federation_previousSealingKeys_0: must be 32 bytes/u,
    ],
  },
  'a Cloud Token that is not a JWT': {
    env: { [`${ws}endpoints_0`]: '', gravitee_cloud_token: 's3cr3t' },
    prints: [/^gravitee_cloud_token: is not a JWT/u],
  },
  'a reference to nothing': {
    env: { [`${ws}headers_0_value`]: 'secret://env/NONE' },
    prints: [/headers_0_value: secret:\/\/env\/NONE cannot be read: the variable NONE is not set$/u],
  },
  'an unknown log level': {
    env: { GRAVITEE_LOG_LEVEL: 's3cr3t' },
    prints: [/^GRAVITEE_LOG_LEVEL: must be one of fatal, error/u],
  },
  'many at once': {
    env: { [`${key}region`]: '', [`${ws}autoReconnect`]: 'perhaps', [`${ws}endpoints`]: 'a,b' },
    file: 'federation: {ingest: {batchApis: 0}}',
    prints: [
      /^gravitee_integration_connector_ws_endpoints: must be a URL/u,
      /region\): required/u,
      /autoReconnect: must be true or false/u,
      /batchApis \(g\.yml\): must be a whole number/u,
      /^gravitee_integration_connector_ws_endpoints_0: not read: the list ends before this item, or is also written as one text$/u,
    ],
  },
};

const page = `
cloud:
  token: [your-cloud-token]
integration:
  connector:
    ws:
      endpoints:
        - https://[your-APIM-management-API-host]/integration-controller
      headers:
        - name: Authorization
          value: bearer [your-token]
  providers:
    - type: aws-api-gateway
      integrationId: [your-integration-id]
      configuration:
        region: [your-aws-region]
        accessKeyId: [your-key-id]
        secretAccessKey: [your-access-key]
`;

/** Values that were copied, quoted or named in a wrong way. */
export const wrongTexts: Readonly<Record<string, WrongConfiguration>> = {
  'the official page as it is, in a file': {
    env: nothing,
    file: page,
    prints: [
      /^integration\.connector\.ws\.endpoints\[0\] \(g\.yml\): still has the placeholder \[your-APIM-management-API-host\]/u,
      /^integration\.connector\.ws\.headers\[0\]\.value \(g\.yml\): still has the placeholder \[your-token\] of the documentation: put the token of the service account in APIM there$/u,
      /^integration\.providers\[0\]\.integrationId \(g\.yml\): still has the placeholder \[your-integration-id\]/u,
      /^integration\.providers\[0\]\.configuration\.region \(g\.yml\): still has the placeholder \[your-aws-region\]/u,
      /accessKeyId \(g\.yml\): still has the placeholder \[your-key-id\] .* or leave .* out/u,
      /secretAccessKey \(g\.yml\): still has the placeholder \[your-access-key\]/u,
      /^cloud\.token \(g\.yml\): still has the placeholder \[your-cloud-token\] .* or remove it \(in a file the whole section cloud\): only Gravitee Cloud needs it/u,
    ],
  },
  'templates with words that do not exist': {
    env: {
      gravitee_integration_providers_0_configuration_apiVersion: '{info.versoin}',
      gravitee_integration_providers_0_configuration_apiGroup: '{tag.team}/{api}',
    },
    prints: [
      /_apiVersion: \{info\.versoin\} is not known: there are \{info\.version\}, /u,
      /_apiGroup: \{api\} is not known: there are \{name\}, /u,
    ],
  },
  'the official page as it is, in variables': {
    env: {
      [`${ws}endpoints_0`]: 'https://[your-APIM-management-API-host]/integration-controller',
      [`${ws}headers_0_value`]: 'bearer [your-token]',
      [`${provider}integrationId`]: '[your-integration-id]',
      [`${key}region`]: '[your-aws-region]',
    },
    prints: [
      /^gravitee_integration_connector_ws_endpoints_0: still has the placeholder/u,
      /headers_0_value: still has the placeholder/u,
      /integrationId: still has the placeholder/u,
      /region: still has the placeholder \[your-aws-region\] of the documentation: put the AWS region there, such as eu-west-1$/u,
    ],
  },
  'placeholders of another page': {
    env: { [`${ws}headers_0_value`]: 'bearer YOUR_ACCESS_TOKEN', [`${provider}integrationId`]: '<your id>' },
    prints: [/placeholder YOUR_ACCESS_TOKEN/u, /placeholder <your id>/u],
  },
  'variables that nobody replaced': {
    env: { [`${ws}headers_0_value`]: 'bearer ${WS_AUTH_TOKEN:-s3cr3t}', [`${key}region`]: '$(AWS_REGION)' },
    prints: [
      /headers_0_value: refers to WS_AUTH_TOKEN, but there is no such key and no such variable: set it, or write the value here$/u,
      /region: refers to AWS_REGION/u,
    ],
  },
  'quotes that count': {
    env: {
      [`${ws}endpoints_0`]: '"https://apim.example.com"',
      [`${ws}headers_0_value`]: 'bearer "s3cr3t"',
      [`${key}acceptApiWithoutUsagePlan`]: "'true'",
    },
    prints: [
      /endpoints_0: has quotes around it, which are part of the value: remove them$/u,
      /headers_0_value: has quotes/u,
      /acceptApiWithoutUsagePlan: has quotes/u,
    ],
  },
  'a variable in small letters': {
    env: { [`${provider}integrationId`]: '', gravitee_integration_providers_0_integrationid: 'one' },
    prints: [
      /integrationId\): required$/u,
      /^gravitee_integration_providers_0_integrationid: unknown key, ignored: upper and lower case are wrong: write gravitee_integration_providers_0_integrationId, or all of it in upper case$/u,
    ],
  },
  'a prefix in another case': {
    env: { [`${provider}type`]: '', Gravitee_integration_providers_0_type: 'aws-api-gateway' },
    prints: [/type\): required$/u, /^Gravitee_\w+: unknown key, ignored: upper and lower case are wrong/u],
  },
  'a list where one text is wanted': {
    env: { [`${provider}integrationId`]: '' },
    file: 'integration: {providers: [{integrationId: [one]}]}',
    prints: [/integrationId\): required$/u, /integrationId\[0\] \(g\.yml\): must be one text, not a list$/u],
  },
};

/** Files and options. */
export const wrongFiles: Readonly<Record<string, WrongConfiguration>> = {
  'a file that is not YAML': { file: 'a: [s3cr3t', prints: [/^g\.yml:1:\d+: is not YAML/u] },
  'a file with tabs': {
    file: 'federation:\n\tdataDir: s3cr3t\n',
    prints: [/^g\.yml:2:1: is not YAML \(a tab cannot indent\)$/u],
  },
  'a file with a key twice': {
    file: 'cloud: {}\ncloud: {}\n',
    prints: [/^g\.yml:2:1: is not YAML \(duplicate key\)$/u],
  },
  'a file in UTF-16': {
    file: Buffer.from('\ufeffcloud: {}\n', 'utf16le'),
    prints: [/^g\.yml: is not UTF-8: save it as UTF-8/u],
  },
  'a file that is a list': { file: '- a\n', prints: [/^g\.yml: must hold keys and values$/u] },
  'the values of the chart': {
    file: 'config: {graviteeYml: {integration: {}}}',
    prints: [/^g\.yml: is a values file of the Helm chart: put what is below config\.graviteeYml into/u],
  },
  'files that are not there': {
    env: { GRAVITEE_CONF: 'none.yml, other.yml' },
    prints: [/^none\.yml: cannot be read \(there is no such file\)$/u, /^other\.yml: cannot be read/u],
  },
  'a folder instead of a file': {
    argv: ['--config', '.'],
    prints: [/^\.: cannot be read \(it is a folder: Docker creates one when the file to mount/u],
  },
  'a file that the Java options name and that is not there': {
    env: { JDK_JAVA_OPTIONS: '-Xmx256m "-Dgravitee.conf=my none.yml"' },
    prints: [/^my none\.yml: cannot be read/u],
  },
  'an option that there is not': { argv: ['--confg', 'x'], prints: [/--confg/u] },
};
