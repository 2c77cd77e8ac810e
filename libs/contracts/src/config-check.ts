/** Checks that involve several keys of the configuration. */
import type { AgentConfig, CoreHttpConfig, ProviderConfig, WebSocketConfig } from './config.ts';

/**
 * Checks what must hold between keys. Empty when all is well.
 *
 * @param options.seals whether this process seals key values; others need no sealing key and should not have one
 * @returns a line per mistake: `<key>: <what is wrong>`
 */
export function checkAgentConfig(
  config: AgentConfig,
  options: { readonly seals: boolean } = { seals: true },
): readonly string[] {
  const { connector, providers } = config.integration;
  const ids = providers.map((provider) => provider.integrationId);
  return [
    ...(providers.length === 0
      ? ['integration.providers[0].integrationId: required: the id of the integration in the APIM console']
      : []),
    ...(connector.ws.endpoints.length === 0 && config.cloud.token === undefined
      ? ['integration.connector.ws.endpoints[0]: required: the URL of the APIM integration controller']
      : []),
    ...connector.ws.headers.flatMap((header, index) =>
      checkHeader(header, `integration.connector.ws.headers[${index}]`),
    ),
    ...checkCoreHttp(config.services.core.http),
    ...checkConsole(config),
    ...(connector.ws.proxy.enabled === true &&
    !connector.ws.proxy.useSystemProxy &&
    connector.ws.proxy.host === undefined
      ? ['integration.connector.ws.proxy.host: required: the proxy is enabled, and useSystemProxy is not']
      : []),
    ...ids.flatMap((id, index) =>
      ids.indexOf(id) < index
        ? [`integration.providers[${index}].integrationId: ${id} is configured twice`]
        : [],
    ),
    ...checkQueues(providers),
    ...providers.flatMap((provider, index) =>
      checkProvider(provider, `integration.providers[${index}].configuration`),
    ),
    ...(options.seals &&
    config.federation.broker.url !== undefined &&
    config.federation.sealingKey === undefined
      ? ['federation.sealingKey: required with an external broker: 32 random bytes, base64']
      : []),
    ...(config.federation.sealingKey === undefined
      ? []
      : checkSealingKey(config.federation.sealingKey, 'federation.sealingKey')),
    ...config.federation.previousSealingKeys.flatMap((key, index) =>
      checkSealingKey(key, `federation.previousSealingKeys[${index}]`),
    ),
  ];
}

/** Two integrations that read one queue would take each other's messages. */
function checkQueues(providers: readonly ProviderConfig[]): readonly string[] {
  const queuesOf = ({ configuration: { changeQueueUrl, targets } }: ProviderConfig) =>
    [changeQueueUrl, ...targets.map((target) => target.changeQueueUrl)].filter((url) => url !== undefined);
  return providers.flatMap((provider, index) => {
    const others = new Set(providers.slice(0, index).flatMap(queuesOf));
    const key = `integration.providers[${index}].configuration.changeQueueUrl`;
    return queuesOf(provider).some((url) => others.has(url))
      ? [`${key}: another integration reads this queue: give each a queue of its own`]
      : [];
  });
}

function checkSealingKey(value: string, key: string): readonly string[] {
  return Buffer.from(value, 'base64').length === 32
    ? []
    : [`${key}: must be 32 bytes, base64: openssl rand -base64 32`];
}

/** What HTTP does not allow would fail at every dial. A scheme alone means that the token was left out. */
function checkHeader({ name, value }: WebSocketConfig['headers'][number], key: string): readonly string[] {
  return [
    ...(/^[\w!#$%&'*+.^`|~-]+$/u.test(name)
      ? []
      : [`${key}.name: must be the name of a header, such as Authorization`]),
    ...(/^[\t\u{20}-\u{7e}\u{80}-\u{ff}]*$/u.test(value)
      ? []
      : [`${key}.value: has a line break or another character that no header may have`]),
    ...(name.toLowerCase() === 'authorization' && /^(?:bearer|basic)$/iu.test(value)
      ? [`${key}.value: has no token after ${value}: check whether its variable or secret is empty`]
      : []),
  ];
}

function checkCoreHttp({ enabled, secured, ssl, authentication }: CoreHttpConfig): readonly string[] {
  return [
    ...(enabled && secured && !isStore(ssl.keystore)
      ? ['services.core.http.ssl.keystore.path: required because services.core.http.secured is true']
      : []),
    ...Object.entries(authentication.users).flatMap(([name, password]) =>
      /^\$2[abxy]?\$\d\d\$/u.test(password)
        ? [
            `services.core.http.authentication.users.${name}: must be the password itself, not its bcrypt hash, or a secret:// reference to it`,
          ]
        : [],
    ),
  ];
}

/** A login with an OpenID provider needs more than its issuer. */
function checkConsole({ federation, services }: AgentConfig): readonly string[] {
  const { publicUrl, oidc } = federation.console;
  const { issuer, clientId, scopes, rolesClaim } = oidc;
  const key = 'federation.console.oidc';
  const hasRoles = oidc.operatorRoles.length > 0 || oidc.viewerRoles.length > 0;
  return [
    ...(publicUrl === undefined || isOrigin(publicUrl)
      ? []
      : ['federation.console.publicUrl: must be without a path, such as https://console.example.com']),
    ...(hasRoles && rolesClaim === undefined
      ? [`${key}.rolesClaim: required beside operatorRoles and viewerRoles`]
      : []),
    ...(issuer === undefined && clientId !== undefined ? [`${key}.issuer: required beside clientId`] : []),
    ...(issuer !== undefined && clientId === undefined ? [`${key}.clientId: required beside issuer`] : []),
    ...(issuer !== undefined && publicUrl === undefined
      ? [
          `federation.console.publicUrl: required beside ${key}.issuer: the URL at which browsers reach the console`,
        ]
      : []),
    ...(issuer !== undefined && !scopes.join(' ').split(' ').includes('openid')
      ? [`${key}.scopes: must contain openid`]
      : []),
    ...(issuer !== undefined && services.core.http.authentication.type === 'none'
      ? [
          `services.core.http.authentication.type: must be basic beside ${key}.issuer: with none nobody logs in`,
        ]
      : []),
  ];
}

function isOrigin(url: string): boolean {
  const { pathname, search, hash, username } = new URL(url);
  return pathname === '/' && search === '' && hash === '' && username === '';
}

/** Without a keystore, the server would serve HTTP instead of HTTPS. */
function isStore(keystore: CoreHttpConfig['ssl']['keystore']): boolean {
  return keystore?.type !== 'NONE' && (keystore?.path ?? keystore?.content) !== undefined;
}

function checkProvider({ configuration }: ProviderConfig, key: string): readonly string[] {
  const { region, targets, accessKeyId, secretAccessKey, roleArn = [], endpointUrl } = configuration;
  const regions = [
    ...(targets.length === 0 ? listed(region, `${key}.region`) : []),
    ...targets.flatMap((target, index) => listed(target.regions, `${key}.targets[${index}].regions`)),
  ];
  const roles = [
    ...listed(roleArn, `${key}.roleArn`),
    ...targets.map((target, index) => [`${key}.targets[${index}].roleArn`, target.roleArn] as const),
  ];
  return [
    ...(targets.length === 0 && (region ?? []).length === 0
      ? [`${key}.region: required: the AWS region, such as eu-west-1`]
      : []),
    ...((accessKeyId === undefined) === (secretAccessKey === undefined)
      ? []
      : [
          `${key}.${accessKeyId === undefined ? 'accessKeyId' : 'secretAccessKey'}: required beside the other half of the AWS key`,
        ]),
    // An emulator may have other names.
    ...(endpointUrl === undefined
      ? [...checkRegions(regions), ...checkRoles(roles), ...checkKey(configuration, key)]
      : []),
    ...targets.flatMap(({ accountId }, index) =>
      accountId === undefined || /^\d{12}$/u.test(accountId)
        ? []
        : [`${key}.targets[${index}].accountId: must be the 12 digits of an AWS account`],
    ),
  ];
}

/** AWS's key ids start with AKIA, temporary ones with ASIA, followed by 16 letters and digits. */
function checkKey(
  { accessKeyId, secretAccessKey, sessionToken }: ProviderConfig['configuration'],
  key: string,
): readonly string[] {
  return [
    ...(/^A[KS]IA[A-Z\d]{16}$/u.test(secretAccessKey ?? '')
      ? [`${key}.secretAccessKey: is the id of a key, not its secret: are the two swapped?`]
      : []),
    ...(/^ASIA[A-Z\d]{16}$/u.test(accessKeyId ?? '') && sessionToken === undefined
      ? [`${key}.sessionToken: required: a key that begins with ASIA is temporary`]
      : []),
  ];
}

type Listed = readonly (readonly [key: string, value: string | undefined])[];

function listed(values: readonly string[] | undefined, key: string): Listed {
  return (values ?? []).map((value, index) => [`${key}[${index}]`, value] as const);
}

/** A wrong region would be an unknown host, which would be tried without end. */
function checkRegions(regions: Listed): readonly string[] {
  return regions.flatMap(([key, value = '']) =>
    /^[a-z]{2,}(?:-[a-z]+)+-\d+$/u.test(value)
      ? []
      : [`${key}: ${value} is not the name of an AWS region, such as eu-west-1`],
  );
}

function checkRoles(roles: Listed): readonly string[] {
  return roles.flatMap(([key, value]) =>
    value === undefined || /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/u.test(value)
      ? []
      : [`${key}: must be the ARN of a role, such as arn:aws:iam::123456789012:role/agent`],
  );
}
