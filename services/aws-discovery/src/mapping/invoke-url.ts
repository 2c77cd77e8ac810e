/** Where a stage is called. Pure. */
export interface InvokeFacts {
  readonly apiType?: 'HTTP' | 'WEBSOCKET' | undefined;
  readonly restApiId: string;
  readonly stage: string;
  readonly region: string;
  readonly dnsSuffix: string;
  readonly endpointTypes: readonly string[];
  readonly vpcEndpointIds: readonly string[];
}

/**
 * The default endpoint. A private API with VPC endpoints is called by the name that resolves in their VPC. The stage
 * `$default` of an HTTP API is no part of the path.
 */
export function invokeUrl(facts: InvokeFacts): string {
  const { apiType, restApiId, stage, region, dnsSuffix, endpointTypes, vpcEndpointIds } = facts;
  const [vpcEndpoint] = endpointTypes.includes('PRIVATE') ? vpcEndpointIds : [];
  const host = vpcEndpoint === undefined ? restApiId : `${restApiId}-${vpcEndpoint}`;
  const scheme = apiType === 'WEBSOCKET' ? 'wss' : 'https';
  const path = stage === '$default' ? '' : `/${stage}`;
  return `${scheme}://${host}.execute-api.${region}.${dnsSuffix}${path}`;
}
