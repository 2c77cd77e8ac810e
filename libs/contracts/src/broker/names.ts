/** The broker's names of our streams, buckets and durable consumers. Every name contains the namespace. */
import type { StreamName } from './streams.ts';
import type { ServiceName, BucketName } from './topology.ts';

/** The default of `federation.broker.namespace`. */
export const defaultNamespace = 'federation-agent';

export type BrokerNames = ReturnType<typeof namesOf>;

/**
 * @param namespace one token of letters, digits, `-` and `_`
 * @param domain JetStream domain; absent: the domain of the server that we connect to
 */
export function namesOf(namespace: string, domain?: string) {
  const api = domain === undefined ? '$JS.API' : `$JS.${domain}.API`;
  return {
    /** Prefix of the JetStream API. */
    api,
    stream: (stream: StreamName): string => `${namespace}_${stream}`,
    /** The stream of a bucket. */
    bucketStream: (bucket: BucketName): string => `KV_${namespace}_${bucket}`,
    /** The prefix of a bucket's keys, as in its stream. */
    keys: (bucket: BucketName): string => `$KV.${namespace}_${bucket}.`,
    /**
     * The prefix of the keys when they are written. A leaf node keeps `$KV.>` for itself; the API of the domain accepts
     * the same subjects behind its own prefix.
     */
    writtenKeys: (bucket: BucketName): string =>
      `${domain === undefined ? '' : `${api}.`}$KV.${namespace}_${bucket}.`,
    durable: (durable: string): string => `${namespace}_${durable}`,
    /** The prefix of inboxes. Each service has its own, so that no service can read another's answers. */
    inbox: (service: ServiceName): string => `_INBOX.${namespace}.${service}`,
  } as const;
}
