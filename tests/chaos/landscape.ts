import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { SANDBOX_OPERATOR } from '@federation-agent/sandbox';
import { AWS_REGION } from '../support/aws-peer.ts';
import type { ApiStage, AwsKey, AwsPeer } from '../support/aws-peer.ts';

/** A target: an integration, one of its regions, and what is in it. */
export interface Region {
  readonly integration: string;
  readonly region: string;
  readonly stages: readonly ApiStage[];
  /** Plan ids by `uniqueId`: APIM must have these after an ingest. */
  readonly plans: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * A plan that is attached to a stage and detached again. Nobody subscribes to it, and APIM keeps it once it was sent.
   */
  readonly changingPlan: { readonly planId: string; readonly stage: ApiStage };
}

export interface Landscape {
  readonly regions: readonly Region[];
  /** Keys of somebody else, unchanged; some have names like ours. */
  readonly foreign: readonly AwsKey[];
}

/** Regions by integration. One integration has two targets, so that one of them can hang beside the other. */
export const INTEGRATIONS: Readonly<Record<string, readonly string[]>> = {
  'integration-1': [AWS_REGION, 'eu-west-2'],
  'integration-2': ['us-east-1'],
};
/** The integration of the agent that runs as one process, and its region. */
export const LONER = { integration: 'integration-3', region: 'us-west-2' } as const;

export const integrationIds: readonly string[] = Object.keys(INTEGRATIONS);

/** The targets of an integration. */
export function targetsOf({ regions }: Landscape, integration: string): readonly Region[] {
  return regions.filter((one) => one.integration === integration);
}

const APIS = 5;

export async function makeLandscape(aws: AwsPeer): Promise<Landscape> {
  const regions: Region[] = [];
  const foreign: AwsKey[] = [];
  const targets = Object.entries(INTEGRATIONS).flatMap(([integration, all]) =>
    all.map((region) => ({ integration, region })),
  );
  for (const { integration, region } of targets) {
    const made = await makeRegion(aws, integration, region);
    regions.push(made);
    const [planId = ''] = [...(made.plans.values().next().value ?? [])];
    await addForeignKeys(aws, region, planId);
    foreign.push(...(await aws.keys(region)));
  }
  return { regions, foreign };
}

async function makeRegion(aws: AwsPeer, integration: string, region: string): Promise<Region> {
  const stages: ApiStage[] = [];
  for (let count = 1; count <= APIS; count += 1) {
    const name = `orders-${count}`;
    stages.push(await aws.addApi({ name, description: `Everything about ${name} ;; "ü"`, region }));
  }
  const [first] = stages;
  if (!first) throw new Error('no API');
  const gold = await aws.addPlan('gold', stages, region);
  const silver = await aws.addPlan('silver', stages.slice(0, 2), region);
  const changingPlan = await aws.addPlan('restless', [first], region);
  const idOf = ({ apiId, stage }: ApiStage): string => `${aws.account}:${region}:${apiId}:${stage}`;
  const plans = new Map(
    stages.map((stage, at) => {
      const offered = [gold, ...(at < 2 ? [silver] : []), ...(at === 0 ? [changingPlan] : [])];
      return [idOf(stage), new Set(offered)] as const;
    }),
  );
  return { integration, region, stages, plans, changingPlan: { planId: changingPlan, stage: first } };
}

async function addForeignKeys(aws: AwsPeer, region: string, usagePlanId: string): Promise<void> {
  const { accessKeyId, secretAccessKey } =
    aws.kind === 'sandbox' ? SANDBOX_OPERATOR : { accessKeyId: 'owner', secretAccessKey: 'owner' };
  const client = new APIGatewayClient({
    region,
    endpoint: aws.url,
    credentials: { accessKeyId, secretAccessKey },
  });
  for (const name of ['somebody else', 'gravitee-of-somebody-else-1 app', 'disabled']) {
    const enabled = name !== 'disabled';
    const { id = '' } = await client.send(new CreateApiKeyCommand({ name, enabled }));
    await client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId: id, keyType: 'API_KEY' }));
  }
  client.destroy();
}
