/** What the URL of an SQS queue says: its region, account and name. Pure. */
import { partitionOf } from './partitions.ts';

export interface QueueAddress {
  readonly url: string;
  /** Where it is, and what its requests are signed for. */
  readonly region: string;
  /** The owner; empty when the URL does not say. */
  readonly account: string;
  readonly name: string;
  /** What a policy names as the resource. */
  readonly arn: string;
}

/**
 * `https://sqs.<region>.amazonaws.com/<account>/<name>`, with the hosts of other partitions, of a VPC endpoint
 * (`vpce-….sqs.<region>.vpce.amazonaws.com`), of FIPS, and the old `<region>.queue.amazonaws.com`.
 *
 * @param elsewhere the region of a queue whose host names none, as that of an emulator
 */
export function queueAddress(url: string, elsewhere: string): QueueAddress {
  const { hostname, pathname } = new URL(url);
  const region = regionOf(hostname) ?? elsewhere;
  const [account = '', name = ''] = pathname.split('/').filter(Boolean).slice(-2);
  const arn = `arn:${partitionOf(region).partition}:sqs:${region}:${account}:${name}`;
  return { url, region, account, name, arn };
}

function regionOf(host: string): string | undefined {
  const region = '[a-z]{2,}(?:-[a-z]+)+-\\d+';
  const found =
    new RegExp(`(?:^|\\.)sqs(?:-fips)?\\.(?<region>${region})\\.`, 'u').exec(host) ??
    new RegExp(`^(?<region>${region})\\.queue\\.`, 'u').exec(host);
  return found?.groups?.['region'];
}
