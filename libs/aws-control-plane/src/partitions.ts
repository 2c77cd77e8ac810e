/** Partitions by the name of a region, as in the AWS SDK (a test compares them). */
export interface Partition {
  readonly partition: string;
  readonly dnsSuffix: string;
}

const others: readonly (readonly [prefix: string, partition: string, dnsSuffix: string])[] = [
  ['cn-', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-', 'aws-us-gov', 'amazonaws.com'],
  ['us-iso-', 'aws-iso', 'c2s.ic.gov'],
  ['us-isob-', 'aws-iso-b', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'aws-iso-e', 'cloud.adc-e.uk'],
  ['us-isof-', 'aws-iso-f', 'csp.hci.ic.gov'],
  ['eusc-', 'aws-eusc', 'amazonaws.eu'],
];

/** The partition of a region; `aws` for an unknown name. */
export function partitionOf(region: string): Partition {
  const [, partition = 'aws', dnsSuffix = 'amazonaws.com'] =
    others.find(([prefix]) => region.startsWith(prefix)) ?? [];
  return { partition, dnsSuffix };
}
