import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateUsagePlanCommand,
  DeleteApiKeyCommand,
  DeleteRestApiCommand,
  ImportRestApiCommand,
  UpdateUsagePlanCommand,
  paginateGetApiKeys,
  paginateGetUsagePlanKeys,
  paginateGetUsagePlans,
} from '@aws-sdk/client-api-gateway';
import { SANDBOX_AGENT, SANDBOX_OPERATOR, startAws } from '@federation-agent/sandbox';
import type { SandboxAws } from '@federation-agent/sandbox';
import { openApiDocument } from './aws-document.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { startMoto } from './moto.ts';
import type { Moto } from './moto.ts';

export type AwsKind = 'sandbox' | 'moto';

/** What a scenario may need of an API Gateway. */
export type AwsCapability =
  | 'ExportApi'
  | 'domain mappings'
  | 'paging'
  | 'ImportApiKeys'
  | 'throttle'
  | 'policy'
  | 'duplicate plan keys';

/** What each offers. */
export const awsCapabilities: Readonly<Record<AwsKind, readonly AwsCapability[]>> = {
  sandbox: [
    'ExportApi',
    'domain mappings',
    'paging',
    'ImportApiKeys',
    'throttle',
    'policy',
    'duplicate plan keys',
  ],
  moto: [],
};

/** A REST API to make; it is deployed to `stage`. */
export interface NewApi {
  readonly name: string;
  readonly description: string;
  readonly version?: string;
  readonly stage?: string;
  readonly region?: string;
}

/** A REST API at a stage. */
export interface ApiStage {
  readonly apiId: string;
  readonly stage: string;
}

/** An API key as the owner of the account sees it. */
export interface AwsKey {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly value: string;
  readonly enabled: boolean;
  /** The usage plans it is in. */
  readonly planIds: readonly string[];
}

/**
 * An API Gateway behind a proxy that can fail. The agent is given `url`; what the owner of the account does goes past
 * the proxy, by the real SDK with the owner's credentials, so that no fault hits it and no count holds it.
 */
export interface AwsPeer {
  readonly kind: AwsKind;
  /** For the agent: goes through `faults`. */
  readonly url: string;
  /** For the owner of the account: past them. */
  readonly ownerUrl: string;
  readonly ownerCredentials: AwsPeer['credentials'];
  readonly account: string;
  /** The default region of every call here. */
  readonly region: string;
  /** The agent's own. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly faults: FaultProxy;
  /** Only where `kind` is "sandbox". */
  readonly sandbox: SandboxAws | undefined;
  addApi(api: NewApi): Promise<ApiStage>;
  deleteApi(apiId: string): Promise<void>;
  /** A usage plan that offers these stages; answers its id. */
  addPlan(name: string, stages: readonly ApiStage[], region?: string): Promise<string>;
  attach(planId: string, stage: ApiStage, region?: string): Promise<void>;
  detach(planId: string, stage: ApiStage, region?: string): Promise<void>;
  keys(region?: string): Promise<AwsKey[]>;
  /** Somebody deletes a key by hand. */
  deleteKey(keyId: string, region?: string): Promise<void>;
  stop(): Promise<void>;
}

export const AWS_REGION = 'eu-west-1';
const ACCOUNT = '123456789012';

/** Starts an API Gateway without APIs, and the proxy in front of it. The sandbox does not throttle unless told to. */
export async function startAwsPeer(kind: AwsKind, options: { maxPageSize?: number } = {}): Promise<AwsPeer> {
  const sandbox = kind === 'sandbox' ? await startSandbox(options.maxPageSize ?? 500) : undefined;
  const server: SandboxAws | Moto = sandbox ?? (await startMoto());
  const faults = await startFaultProxy({ target: server.url });
  const owner = sandbox ? SANDBOX_OPERATOR : { accessKeyId: 'owner', secretAccessKey: 'owner' };
  const agent = sandbox ? SANDBOX_AGENT : { accessKeyId: 'agent', secretAccessKey: 'agent' };
  const clients = new Map<string, APIGatewayClient>();
  const client = (region = AWS_REGION): APIGatewayClient => {
    const known = clients.get(region);
    if (known) return known;
    const { accessKeyId, secretAccessKey } = owner;
    const credentials = { accessKeyId, secretAccessKey };
    const made = new APIGatewayClient({ region, endpoint: server.url, credentials });
    clients.set(region, made);
    return made;
  };
  const patch = async (
    planId: string,
    op: 'add' | 'remove',
    { apiId, stage }: ApiStage,
    region?: string,
  ): Promise<void> => {
    const patchOperations = [{ op, path: '/apiStages', value: `${apiId}:${stage}` }];
    await client(region).send(new UpdateUsagePlanCommand({ usagePlanId: planId, patchOperations }));
  };

  return {
    kind,
    url: faults.url,
    ownerUrl: server.url,
    ownerCredentials: { accessKeyId: owner.accessKeyId, secretAccessKey: owner.secretAccessKey },
    account: ACCOUNT,
    region: AWS_REGION,
    credentials: { accessKeyId: agent.accessKeyId, secretAccessKey: agent.secretAccessKey },
    faults,
    sandbox,
    async addApi({ name, description, version = '1.0.0', stage = 'prod', region }) {
      const body = Buffer.from(JSON.stringify(openApiDocument({ name, description, version })));
      const { id: apiId = '' } = await client(region).send(new ImportRestApiCommand({ body }));
      await client(region).send(new CreateDeploymentCommand({ restApiId: apiId, stageName: stage }));
      return { apiId, stage };
    },
    deleteApi: async (apiId) => {
      await client().send(new DeleteRestApiCommand({ restApiId: apiId }));
    },
    async addPlan(name, stages, region) {
      const plan = await client(region).send(
        new CreateUsagePlanCommand({
          name,
          description: `${name}; what a publisher reads`,
          apiStages: [...stages],
          throttle: { rateLimit: 10, burstLimit: 20 },
          quota: { limit: 5_000, offset: 0, period: 'MONTH' },
        }),
      );
      return plan.id ?? '';
    },
    attach: (planId, stage, region) => patch(planId, 'add', stage, region),
    detach: (planId, stage, region) => patch(planId, 'remove', stage, region),
    keys: (region) => listKeys(client(region)),
    deleteKey: async (keyId, region) => {
      await client(region).send(new DeleteApiKeyCommand({ apiKey: keyId }));
    },
    async stop() {
      for (const one of clients.values()) one.destroy();
      await faults.stop();
      await server.stop();
    },
  };
}

function startSandbox(maxPageSize: number): Promise<SandboxAws> {
  return startAws({ throttle: { enabled: false }, limits: { maxPageSize } });
}

async function listKeys(client: APIGatewayClient): Promise<AwsKey[]> {
  const plansOf = new Map<string, string[]>();
  for await (const page of paginateGetUsagePlans({ client }, {})) {
    for (const { id: usagePlanId = '' } of page.items ?? []) {
      for await (const keys of paginateGetUsagePlanKeys({ client }, { usagePlanId })) {
        for (const { id = '' } of keys.items ?? []) {
          plansOf.set(id, [...(plansOf.get(id) ?? []), usagePlanId]);
        }
      }
    }
  }
  const found: AwsKey[] = [];
  for await (const page of paginateGetApiKeys({ client }, { includeValues: true })) {
    for (const { id = '', name = '', description = '', value = '', enabled = false } of page.items ?? []) {
      found.push({ id, name, description, value, enabled, planIds: plansOf.get(id) ?? [] });
    }
  }
  return found;
}
