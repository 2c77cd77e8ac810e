/** Streams and buckets as the agent made them before namespaces existed, with records in them. */
import { RetentionPolicy } from '@nats-io/jetstream';
import type { Broker } from '../src/broker.ts';
import { oldStreams } from '../src/topology/old-names.ts';

/** @param records by bucket and key */
export async function makeOldNames(
  { js, jsm }: Broker,
  records: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<void> {
  const areas = { COMMANDS: 'command', INGEST: 'ingest', EVENTS: 'event', DEAD: 'dead' };
  const description = 'federation topology v1';
  for (const [name, area] of Object.entries(areas))
    await jsm.streams.add({
      name,
      description,
      subjects: [`federation.v1.${area}.>`],
      retention: area === 'command' || area === 'ingest' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    });
  for (const name of oldStreams.filter((one) => one.startsWith('KV_'))) {
    const bucket = name.replace('KV_', '');
    await jsm.streams.add({
      name,
      description,
      subjects: [`$KV.${bucket}.>`],
      max_msgs_per_subject: 1,
      allow_direct: true,
      allow_rollup_hdrs: true,
    });
    for (const [key, value] of Object.entries(records[bucket] ?? {}))
      await js.publish(`$KV.${bucket}.${key}`, value);
  }
  await js.publish('federation.v1.event.link.closed', '{}');
}
