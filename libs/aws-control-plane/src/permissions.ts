/** What IAM must allow for each operation: the verb is the action, and the path (without its query) is the resource. */
import { partitionOf } from './partitions.ts';

interface Permission {
  readonly verb: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Later operations have an action of their own instead of the verb, and their resources name the account. */
  readonly action?: string;
  readonly v2?: true;
}

export const permissions = {
  GetRestApis: { verb: 'GET', path: '/restapis' },
  GetStages: { verb: 'GET', path: '/restapis/*/stages' },
  GetExport: { verb: 'GET', path: '/restapis/*/stages/*' },
  GetUsagePlans: { verb: 'GET', path: '/usageplans' },
  /** Not in the minimum policy: only what an operator asks for needs it. */
  GetApiKeys: { verb: 'GET', path: '/apikeys' },
  /** Not in the minimum policy either: each belongs to a key of the configuration that is off by default. */
  GetAccount: { verb: 'GET', path: '/account' },
  // One statement for all reads of a key: the right to the list alone would only move the denial to the next call.
  GetDomainNames: { verb: 'GET', path: '/domainnames*' },
  GetBasePathMappings: { verb: 'GET', path: '/domainnames*' },
  // IAM names the second version's paths without its /v2.
  GetApiMappings: { verb: 'GET', path: '/domainnames*', v2: true },
  ListRoutingRules: { verb: 'GET', path: '/domainnames/*', action: 'ListRoutingRules', v2: true },
  GetApis: { verb: 'GET', path: '/apis*', v2: true },
  GetStagesV2: { verb: 'GET', path: '/apis*', v2: true },
  ExportApi: { verb: 'GET', path: '/apis*', v2: true },
  GetRoutes: { verb: 'GET', path: '/apis*', v2: true },
  GetModelsV2: { verb: 'GET', path: '/apis*', v2: true },
  CreateApiKey: { verb: 'POST', path: '/apikeys' },
  ImportApiKeys: { verb: 'POST', path: '/apikeys' },
  CreateUsagePlanKey: { verb: 'POST', path: '/usageplans/*/keys' },
  DeleteApiKey: { verb: 'DELETE', path: '/apikeys/*' },
} as const satisfies Readonly<Record<string, Permission>>;

/** The operations of API Gateway that the agent calls. */
export type Operation = keyof typeof permissions;

/** Whether an operation is one of the second version of API Gateway's control plane. */
export function isV2(operation: Operation): boolean {
  return 'v2' in permissions[operation];
}

/** The statement that allows an operation in every region of the partition. */
export function permissionFor(operation: Operation, region: string): { action: string; resource: string } {
  const { verb, path, action }: Permission = permissions[operation];
  const account = action === undefined ? '' : '*';
  return {
    action: `apigateway:${action ?? verb}`,
    resource: `arn:${partitionOf(region).partition}:apigateway:*:${account}:${path}`,
  };
}
