import { APIGateway } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { openApiDocument } from './aws-document.ts';
import type { ApiStage, AwsPeer } from './aws-peer.ts';

/** What the owner of an account makes beside REST APIs and plans, by the real SDK and past the proxy. */
export interface ReachOwner {
  /** An HTTP API with a route and the stage `$default`, which deploys by itself. */
  addHttpApi(name: string): Promise<ApiStage>;
  /** A regional domain that leads to a stage of a REST API. */
  addDomain(domain: string, path: string, stage: ApiStage): Promise<void>;
  /** A REST API with tags, deployed to `prod`. */
  addRestApi(name: string, tags: Readonly<Record<string, string>>): Promise<ApiStage>;
  stop(): void;
}

export function reachOwner(
  { ownerUrl: endpoint, ownerCredentials: credentials }: AwsPeer,
  region: string,
): ReachOwner {
  const at = { region, endpoint, credentials };
  const [v1, v2] = [new APIGateway(at), new ApiGatewayV2(at)];
  return {
    async addHttpApi(name) {
      const { ApiId: apiId = '' } = await v2.createApi({ Name: name, ProtocolType: 'HTTP' });
      await v2.createRoute({ ApiId: apiId, RouteKey: 'GET /items' });
      await v2.createStage({ ApiId: apiId, StageName: '$default', AutoDeploy: true });
      return { apiId, stage: '$default' };
    },
    async addDomain(domainName, basePath, { apiId: restApiId, stage }) {
      // moto wants a certificate; the sandbox does not look at it.
      const certificate =
        'arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000';
      const endpointConfiguration = { types: ['REGIONAL' as const] };
      await v1.createDomainName({ domainName, regionalCertificateArn: certificate, endpointConfiguration });
      await v1.createBasePathMapping({ domainName, basePath, restApiId, stage });
    },
    async addRestApi(name, tags) {
      // moto cannot tag an API that is there, and an import has no tags.
      const { id: restApiId = '' } = await v1.createRestApi({ name, tags: { ...tags } });
      const document = openApiDocument({ name, version: '1.0.0', description: `Everything about ${name}` });
      await v1.putRestApi({ restApiId, mode: 'merge', body: Buffer.from(JSON.stringify(document)) });
      await v1.createDeployment({ restApiId, stageName: 'prod' });
      return { apiId: restApiId, stage: 'prod' };
    },
    stop() {
      v1.destroy();
      v2.destroy();
    },
  };
}
