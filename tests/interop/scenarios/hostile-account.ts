/** Makes APIs in the sandbox's account as its owner would: by the real SDK, past the proxy. */
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateRestApiCommand,
  CreateUsagePlanCommand,
  PutRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import { SANDBOX_OPERATOR } from '@federation-agent/sandbox';
import { openApiDocument } from '../../support/index.ts';
import type { World } from '../../support/index.ts';
import { stageName, type HostileApi } from './hostile-apis.ts';

/** An API in the account, with its plans by their ids. */
export interface MadeApi {
  readonly uniqueId: string;
  readonly api: HostileApi;
  readonly planIds: readonly string[];
}

const atOnce = 8;

export async function makeHostile(
  { aws }: World,
  region: string,
  apis: readonly HostileApi[],
): Promise<MadeApi[]> {
  const { accessKeyId, secretAccessKey } = SANDBOX_OPERATOR;
  const client = new APIGatewayClient({
    region,
    endpoint: aws.sandbox?.url ?? '',
    credentials: { accessKeyId, secretAccessKey },
  });
  const make = async (api: HostileApi): Promise<MadeApi> => {
    const { name, version, description, tags } = api;
    const created = await client.send(new CreateRestApiCommand({ name, version, description, tags }));
    const restApiId = created.id ?? '';
    const body = Buffer.from(JSON.stringify(openApiDocument({ name, version, description })));
    await client.send(new PutRestApiCommand({ restApiId, mode: 'merge', body }));
    await client.send(new CreateDeploymentCommand({ restApiId, stageName }));
    const planIds: string[] = [];
    for (const { throttle, ...plan } of api.plans) {
      const apiStages = [{ apiId: restApiId, stage: stageName, throttle }];
      const { id = '' } = await client.send(
        new CreateUsagePlanCommand({ ...plan, apiStages, throttle: { rateLimit: 10, burstLimit: 20 } }),
      );
      planIds.push(id);
    }
    return { uniqueId: `${aws.account}:${region}:${restApiId}:${stageName}`, api, planIds };
  };
  const made: MadeApi[] = [];
  while (made.length < apis.length)
    made.push(...(await Promise.all(apis.slice(made.length, made.length + atOnce).map(make))));
  client.destroy();
  return made;
}
