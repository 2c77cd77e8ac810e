/**
 * What each service may publish and subscribe to, derived from the topology: only what it makes, reads and writes. No
 * service may delete a stream, read what it does not own, or listen to another's inbox.
 */
import { realLimits } from '../limits.ts';
import { namesOf } from './names.ts';
import { streams } from './streams.ts';
import { subjectsOf, workerKinds, type WorkerKind } from './subjects.ts';
import {
  bucketSpecs,
  buckets,
  commandConsumer,
  forwardConsumer,
  forwardWays,
  movedBuckets,
  streamSpecs,
  type BucketName,
  type ServiceName,
} from './topology.ts';

/** Subjects in the format of nats-server: `*` is one token, `>` is the rest. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export const serviceNames = [
  'gateway-link',
  'aws-discovery',
  'subscription-manager',
  'console',
] as const satisfies readonly ServiceName[];

const operatorTopics = ['scan', 'look', 'subscription', 'keys', 'dead'] as const;
const nodeTopics = ['status', 'configuration'] as const;
/** What the console reads: all but what only commands need. */
const readBuckets: readonly BucketName[] = [
  buckets.catalog,
  buckets.scans,
  buckets.ingests,
  buckets.documents,
  buckets.payloads,
  buckets.subscriptions,
  buckets.budget,
];

/**
 * An answer to a request goes to an inbox to which only the requester may listen. Whoever received the request may
 * publish there (`allow_responses`), so inboxes are not listed here.
 */
export function permissionsOf(service: ServiceName, namespace: string, domain?: string): Permissions {
  const names = namesOf(namespace, domain);
  const subjects = subjectsOf(namespace);
  const input = { subjects, limits: realLimits };
  const api = (call: string): string => `${names.api}.${call}`;
  const make = (stream: string): readonly string[] =>
    ['INFO', 'CREATE', 'UPDATE'].map((call) => api(`STREAM.${call}.${stream}`));
  const owned = (spec: { readonly owners: readonly ServiceName[] }): boolean => spec.owners.includes(service);

  /** An ordered pass over a stream, and the look at its state before. */
  const readStream = (stream: string, filter: string): readonly string[] => [
    api(`STREAM.INFO.${stream}`),
    api(`CONSUMER.CREATE.${stream}.*.${filter}`),
    ...['INFO', 'MSG.NEXT', 'DELETE'].map((call) => api(`CONSUMER.${call}.${stream}.*`)),
  ];
  const read = (bucket: BucketName): readonly string[] => {
    const stream = names.bucketStream(bucket);
    const chunks = bucket === buckets.documents || bucket === buckets.payloads;
    return [
      api(`STREAM.MSG.GET.${stream}`),
      ...(chunks ? [api(`DIRECT.GET.${stream}`), api(`DIRECT.GET.${stream}.>`)] : []),
      ...readStream(stream, `${names.keys(bucket)}>`),
    ];
  };
  /** Dead letters: to read one, and to remove it. */
  const lettersOf = (): readonly string[] => [
    ...['GET', 'DELETE'].map((call) => api(`STREAM.MSG.${call}.${names.stream(streams.dead)}`)),
    subjects.eventsOf('operator'),
  ];

  const ofStreams = streamSpecs(input)
    .filter(owned)
    .flatMap(({ name }) => make(names.stream(name)));
  const ofBuckets = bucketSpecs(realLimits)
    .filter(owned)
    .flatMap(({ name, writers }) => {
      const stream = names.bucketStream(name);
      return [
        ...make(stream),
        ...read(name),
        ...(writers.includes(service) ? [`${names.writtenKeys(name)}>`, api(`STREAM.PURGE.${stream}`)] : []),
        // To check whether there are records under the old name.
        ...(movedBuckets.includes(name) ? [api(`STREAM.INFO.KV_${name}`)] : []),
      ];
    });

  const consume = (stream: string, durable: string, filter: string): readonly string[] => [
    api(`CONSUMER.CREATE.${stream}.${durable}.${filter}`),
    api(`CONSUMER.INFO.${stream}.${durable}`),
    api(`CONSUMER.MSG.NEXT.${stream}.${durable}`),
    `$JS.ACK.${stream}.${durable}.>`,
    // With domain and account, as newer servers may be configured to write it.
    `$JS.ACK.*.*.${stream}.${durable}.>`,
  ];
  const worker = (kind: WorkerKind): Permissions => {
    const { durable, filter } = commandConsumer(kind, input);
    return {
      publish: [
        ...consume(names.stream(streams.commands), names.durable(durable), filter),
        subjects.allLinkReplies,
        subjects.eventsOf('receipt'),
        subjects.dead(streams.commands),
      ],
      subscribe: [subjects.allAlive(kind)],
    };
  };
  const own: Readonly<Record<ServiceName, () => Permissions>> = {
    'gateway-link': () => ({
      publish: [
        ...consume(names.stream(streams.ingest), '*', subjects.allIngest),
        subjects.allCommands,
        ...workerKinds.map((kind) => subjects.allAlive(kind)),
        subjects.eventsOf('link'),
        subjects.dead(streams.ingest),
        ...lettersOf(),
      ],
      subscribe: [subjects.allLinkReplies, subjects.operator('dead', streams.commands)],
    }),
    'aws-discovery': () => {
      const { publish, subscribe } = worker('discovery');
      const events = [subjects.eventsOf('api'), subjects.eventsOf('scan')];
      return {
        publish: [...publish, subjects.allIngest, ...events, ...lettersOf()],
        subscribe: [
          ...subscribe,
          subjects.allOperator('scan'),
          subjects.allOperator('look'),
          subjects.operator('dead', streams.ingest),
        ],
      };
    },
    'subscription-manager': () => {
      const { publish, subscribe } = worker('subscription');
      return {
        publish: [...publish, subjects.eventsOf('subscription'), subjects.eventsOf('operator')],
        subscribe: [...subscribe, subjects.allOperator('subscription'), subjects.allOperator('keys')],
      };
    },
    // It reads, forwards events, and asks the services; it writes nothing but what an operator did in it.
    console: () => ({
      publish: [
        ...readBuckets.flatMap(read),
        ...[streams.events, streams.dead].flatMap((stream) => readStream(names.stream(stream), '>')),
        api(`STREAM.MSG.GET.${names.stream(streams.dead)}`),
        ...forwardWays.flatMap((way) => {
          const { stream, durable, filter } = forwardConsumer(way, input);
          return consume(names.stream(stream), names.durable(durable), filter);
        }),
        ...operatorTopics.map((topic) => subjects.allOperator(topic)),
        ...nodeTopics.map((topic) => subjects.node(topic)),
        subjects.eventsOf('operator'),
      ],
      subscribe: [],
    }),
  };
  const { publish, subscribe } = own[service]();
  return {
    publish: [...new Set([api('INFO'), ...ofStreams, ...ofBuckets, ...publish])],
    subscribe: [
      `${names.inbox(service)}.>`,
      ...nodeTopics.map((topic) => subjects.node(topic)),
      ...subscribe,
    ],
  };
}

/** What one user needs for all of these services, when the agent is one process. */
export function permissionsOfAll(
  services: readonly ServiceName[],
  namespace: string,
  domain?: string,
): Permissions {
  const all = services.map((service) => permissionsOf(service, namespace, domain));
  return {
    publish: [...new Set(all.flatMap(({ publish }) => publish))],
    subscribe: [...new Set(all.flatMap(({ subscribe }) => subscribe))],
  };
}

/** In the format of `permissions` in the configuration of nats-server. What is not allowed is denied. */
export function permissionBlock({ publish, subscribe }: Permissions): string {
  const list = (subjects: readonly string[]): string =>
    subjects.map((subject) => `\n    ${JSON.stringify(subject)}`).join('');
  return [
    '{',
    `  publish { allow: [${list(publish)}\n  ] }`,
    `  subscribe { allow: [${list(subscribe)}\n  ] }`,
    '  allow_responses { max: 1, expires: "1m" }',
    '}',
  ].join('\n');
}
