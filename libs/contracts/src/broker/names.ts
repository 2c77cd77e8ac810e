/** What the broker calls our streams, buckets and durables: the namespace goes into every name. */
import type { StreamName } from './streams.ts';
import type { ServiceName, BucketName } from './topology.ts';

/** `federation.broker.namespace` when it is not set. */
export const defaultNamespace = 'federation-agent';

export type BrokerNames = ReturnType<typeof namesOf>;

/**
 * @param namespace one token of letters, digits, `-` and `_`
 * @param domain JetStream domain; absent: that of the server we are connected to
 */
export function namesOf(namespace: string, domain?: string) {
  const api = domain === undefined ? '$JS.API' : `$JS.${domain}.API`;
  return {
    /** Prefix of the JetStream API. */
    api,
    stream: (stream: StreamName): string => `${namespace}_${stream}`,
    /** The stream under a bucket. */
    bucketStream: (bucket: BucketName): string => `KV_${namespace}_${bucket}`,
    /** What the keys of a bucket follow, as its stream has them. */
    keys: (bucket: BucketName): string => `$KV.${namespace}_${bucket}.`,
    /**
     * What the keys follow where they are written. A leaf node keeps `$KV.>` for itself; the API of the domain takes
     * the same subjects behind its prefix.
     */
    writtenKeys: (bucket: BucketName): string =>
      `${domain === undefined ? '' : `${api}.`}$KV.${namespace}_${bucket}.`,
    durable: (durable: string): string => `${namespace}_${durable}`,
    /** Inboxes are below it; each service has its own, so that none can listen to what another is answered. */
    inbox: (service: ServiceName): string => `_INBOX.${namespace}.${service}`,
  } as const;
}
