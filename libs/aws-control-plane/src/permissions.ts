/** What IAM must allow for each operation: the verb is the action, and the path (without its query) is the resource. */
import { partitionOf } from './partitions.ts';

export const permissions = {
  GetRestApis: { verb: 'GET', path: '/restapis' },
  GetStages: { verb: 'GET', path: '/restapis/*/stages' },
  GetExport: { verb: 'GET', path: '/restapis/*/stages/*' },
  GetUsagePlans: { verb: 'GET', path: '/usageplans' },
  /** Not in the minimum policy: only what an operator asks for needs it. */
  GetApiKeys: { verb: 'GET', path: '/apikeys' },
  CreateApiKey: { verb: 'POST', path: '/apikeys' },
  ImportApiKeys: { verb: 'POST', path: '/apikeys' },
  CreateUsagePlanKey: { verb: 'POST', path: '/usageplans/*/keys' },
  DeleteApiKey: { verb: 'DELETE', path: '/apikeys/*' },
} as const;

/** The operations of API Gateway that the agent calls. */
export type Operation = keyof typeof permissions;

/** The statement that allows an operation in every region of the partition. */
export function permissionFor(operation: Operation, region: string): { action: string; resource: string } {
  const { verb, path } = permissions[operation];
  return {
    action: `apigateway:${verb}`,
    resource: `arn:${partitionOf(region).partition}:apigateway:*::${path}`,
  };
}
