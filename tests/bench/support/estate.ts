/** A landscape of many accounts and regions in the sandbox AWS. */
import { mapConcurrently } from '@federation-agent/base';
import type { Landscape, RemoteAwsControl } from '@federation-agent/sandbox';

export interface Estate {
  readonly accounts: number;
  readonly regions: readonly string[];
  /** REST APIs of each account in each region. */
  readonly apis: number;
  /** Of each API. */
  readonly stages: number;
  /** How large the export of each stage is, about; absent: some hundred bytes. */
  readonly documentBytes?: number;
}

/** Names of 20 regions. */
export const regionNames: readonly string[] = [
  ...['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1'],
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1'],
  ...['eu-south-1', 'eu-south-2', 'eu-central-2', 'sa-east-1', 'me-south-1'],
  ...['ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1', 'ap-northeast-2'],
];

/** Usage plans of each account in each region. */
export const plansOfTarget = 10;
const inFlight = 8;

/** How many accounts and regions there are. */
export const targetsOf = ({ accounts, regions }: Estate): number => accounts * regions.length;

/** How many stages there are in all of them. */
export const stagesOf = (estate: Estate): number => targetsOf(estate) * estate.apis * estate.stages;

/** Makes the landscape, and in each account a role that the agent may assume. @returns the ARNs of the roles */
export async function seedEstate(aws: RemoteAwsControl, estate: Estate): Promise<string[]> {
  const { accounts, regions, apis, stages, documentBytes } = estate;
  const arns: string[] = [];
  for (let index = 0; index < accounts; index += 1) {
    const account = String(200_000_000_000 + index);
    arns.push((await aws.addRole({ account, name: 'federation-agent' })).arn);
    for (const region of regions) {
      const number = index * regions.length + regions.indexOf(region);
      const landscape = await aws.seed({
        account,
        region,
        apis,
        stages,
        plans: plansOfTarget,
        unplanned: 0,
        seed: number,
        prefix: `t${number}`,
      });
      if (documentBytes !== undefined) await writeDocuments(aws, landscape, documentOf(documentBytes));
    }
  }
  return arns;
}

/** Gives each API this document, and deploys it to each of its stages. */
async function writeDocuments(
  aws: RemoteAwsControl,
  { account, region, apis }: Landscape,
  document: object,
): Promise<void> {
  await mapConcurrently(apis, inFlight, async ({ id: apiId, stages }) => {
    await aws.editApi({ account, region, apiId, document });
    for (const stage of stages) await aws.redeploy({ account, region, apiId, stage });
  });
}

/** An OpenAPI document whose models have so many bytes, many short texts as in a real one. */
function documentOf(bytes: number): object {
  const schemas: Record<string, object> = {};
  let written = 0;
  for (let number = 0; written < bytes; number += 1) {
    const schema = {
      title: `Model ${number}`,
      type: 'object',
      required: ['id', 'createdAt'],
      properties: {
        id: { type: 'string', description: 'The id that the shop has given, never used twice' },
        createdAt: { type: 'string', format: 'date-time' },
        amount: { type: 'integer', format: 'int64', description: 'In the smallest unit of the currency' },
        parent: { $ref: '#/components/schemas/Model0' },
      },
    };
    schemas[`Model${number}`] = schema;
    written += JSON.stringify({ [`Model${number}`]: schema }).length;
  }
  const operation = {
    responses: { 200: { description: '200 response', content: {} } },
    security: [{ api_key: [] }],
  };
  return {
    openapi: '3.0.1',
    info: { title: 'bench', version: '1.0.0' },
    paths: { '/models': { get: operation } },
    components: { schemas },
  };
}
