import { expect, test } from '@jest/globals';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { partitionOf } from './partitions.ts';

test.each([
  ['eu-west-1', 'aws'],
  ['cn-northwest-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eusc-de-east-1', 'aws-eusc'],
])("%s is in %s, with the DNS suffix of the SDK's own endpoint", (region, partition) => {
  const client = new APIGatewayClient({ region });
  const { url } = client.config.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false });
  client.destroy();
  expect(partitionOf(region)).toEqual({
    partition,
    dnsSuffix: url.hostname.replace(`apigateway.${region}.`, ''),
  });
});
