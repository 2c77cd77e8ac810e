/** Where a stage is called. Pure. */
export interface InvokeFacts {
  readonly restApiId: string;
  readonly stage: string;
  readonly region: string;
  readonly dnsSuffix: string;
  readonly endpointTypes: readonly string[];
  readonly vpcEndpointIds: readonly string[];
}

/**
 * The default endpoint. A private API with VPC endpoints is called by the name that resolves in their VPC. Custom
 * domains are not looked up, because that needs a permission that the documented policy lacks.
 */
export function invokeUrl(facts: InvokeFacts): string {
  const { restApiId, stage, region, dnsSuffix, endpointTypes, vpcEndpointIds } = facts;
  const [vpcEndpoint] = endpointTypes.includes('PRIVATE') ? vpcEndpointIds : [];
  const host = vpcEndpoint === undefined ? restApiId : `${restApiId}-${vpcEndpoint}`;
  return `https://${host}.execute-api.${region}.${dnsSuffix}/${stage}`;
}
