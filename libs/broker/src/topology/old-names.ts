/**
 * What exists under names without a namespace, from before namespaces existed: `COMMANDS`, `KV_subscriptions` and so
 * on. A stream is ours only when it has our description; other streams with such a name are ignored.
 */
import {
  bucketSpecs,
  movedBuckets,
  streams,
  type BucketName,
  type ServiceName,
} from '@federation-agent/contracts';
import { FederationError } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { jetStreamErrorCode, brokerCall } from '../calls.ts';
import { streamNotFound, untilServed } from './ensure-topology.ts';
import { movingDescription, versionOf } from './topology-version.ts';

/** Records exist under names without a namespace, and none under new names: a start without them would forget keys. */
export class OldNamesError extends FederationError {
  constructor(message: string) {
    super(message, { code: 'old-names', disposition: 'final' });
  }
}

/** The stream of a bucket under its old name. */
export const oldBucketStream = (bucket: BucketName): string => `KV_${bucket}`;

/** Everything that the agent made under old names. */
export const oldStreams: readonly string[] = [
  ...Object.values(streams),
  ...movedBuckets.map(oldBucketStream),
  ...(['payloads', 'suspects'] as const).map(oldBucketStream),
];

/** Read from its description. `foreign`: somebody else's. */
export type OldStreamState = 'absent' | 'ours' | 'moving' | 'foreign';

export async function streamState({ jsm }: Broker, stream: string): Promise<OldStreamState> {
  const description = await brokerCall(`look for the stream ${stream}`, () =>
    jsm.streams.info(stream).then(
      ({ config }) => config.description,
      (error: unknown) => {
        if (jetStreamErrorCode(error) === streamNotFound) return null;
        throw error;
      },
    ),
  );
  if (description === null) return 'absent';
  if (description === movingDescription) return 'moving';
  return versionOf(description) > 0 ? 'ours' : 'foreign';
}

/**
 * Called before a service makes its buckets on a broker of the user's: checks whether its records are still under the
 * old names.
 *
 * @throws OldNamesError when they are, or when a move has not finished
 */
export async function refuseOldNames(broker: Broker, service: ServiceName): Promise<void> {
  const owned = bucketSpecs(broker.limits).filter(
    ({ name, owners }) => movedBuckets.includes(name) && owners.includes(service),
  );
  const waiting: string[] = [];
  await Promise.all(
    owned.map(async ({ name }) => {
      const stream = oldBucketStream(name);
      await untilServed(broker, stream, async () => {
        const now = await streamState(broker, broker.names.bucketStream(name));
        if (now === 'moving' || (now === 'absent' && (await streamState(broker, stream)) === 'ours'))
          waiting.push(stream);
      });
    }),
  );
  if (waiting.length === 0) return;
  throw new OldNamesError(
    `the broker has records of this agent under names without a namespace (${waiting.join(', ')}), and without them API keys would be forgotten: stop every replica of every service, run npm run broker:move with this configuration, then start again`,
  );
}
