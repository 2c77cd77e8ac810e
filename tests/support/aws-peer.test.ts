import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  GetExportCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAwsPeer } from './aws-peer.ts';
import type { AwsKind, AwsPeer } from './aws-peer.ts';
import { MOTO_START_MS } from './moto.ts';
import { probeMoto, requireOrSkip } from './tool-probe.ts';
import type { Describe } from './tool-probe.ts';

/** Scenarios may rely on this of either peer. */
function behaves(kind: AwsKind, describeIt: Describe): void {
  describeIt(`the owner's side of ${kind}`, () => {
    let aws: AwsPeer;
    let agent: APIGatewayClient;

    beforeAll(async () => {
      aws = await startAwsPeer(kind);
      const { url: endpoint, credentials, region } = aws;
      agent = new APIGatewayClient({ region, endpoint, credentials, maxAttempts: 1 });
    }, MOTO_START_MS);

    afterAll(async () => {
      agent.destroy();
      await aws.stop();
    });

    test('makes APIs and plans that the agent sees, takes a stage out and puts it back', async () => {
      const name = 'a;;b "quoted" 🚀';
      const stage = await aws.addApi({ name, description: 'null\0byte' });
      const planId = await aws.addPlan('gold', [stage]);
      const stages = async () => (await agent.send(new GetUsagePlansCommand({}))).items?.[0]?.apiStages ?? [];
      expect(await stages()).toMatchObject([stage]);
      await aws.detach(planId, stage);
      expect(await stages()).toEqual([]);
      await aws.attach(planId, stage);
      expect(await stages()).toMatchObject([stage]);
      const input = { restApiId: stage.apiId, stageName: stage.stage, exportType: 'oas30' };
      const { body } = await agent.send(new GetExportCommand(input));
      expect(JSON.parse(Buffer.from(body ?? []).toString())).toMatchObject({ info: { title: name } });
    });

    test('shows every key with its value and its plans', async () => {
      const planId = await aws.addPlan('silver', []);
      const value = 'v'.repeat(40);
      const key = await agent.send(new CreateApiKeyCommand({ name: 'gravitee-1', value, enabled: true }));
      const keyId = key.id ?? '';
      expect(await aws.keys()).toMatchObject([{ id: keyId, value, enabled: true, planIds: [] }]);
      await agent.send(new CreateUsagePlanKeyCommand({ usagePlanId: planId, keyId, keyType: 'API_KEY' }));
      expect(await aws.keys()).toMatchObject([{ id: keyId, planIds: [planId] }]);
      expect(await aws.keys('us-east-1')).toEqual([]);
      await aws.deleteKey(keyId);
      expect(await aws.keys()).toEqual([]);
    });

    test('faults hit the agent, not the owner', async () => {
      const fault = aws.faults.fault({ path: /^\/apikeys/u, action: { kind: 'reset', when: 'after' } });
      const lost = agent.send(new CreateApiKeyCommand({ name: 'gravitee-2', value: 'w'.repeat(40) }));
      await expect(lost).rejects.toMatchObject({ message: expect.stringContaining('ECONNRESET') });
      expect(await aws.keys()).toMatchObject([{ name: 'gravitee-2' }]);
      expect(fault.hits()).toBe(1);
      fault.release();
    });
  });
}

behaves('sandbox', describe);
behaves('moto', requireOrSkip('moto', probeMoto()));
