import { partitionOf } from '../iam.ts';

/** The default host of an API: `{apiId}.execute-api.{region}.{suffix}`. */
export function hostOf(apiId: string, region: string): string {
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${apiId}.execute-api.${region}.${suffix}`;
}
