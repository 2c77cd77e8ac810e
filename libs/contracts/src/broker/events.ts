/**
 * Events: the audit trail on EVENTS. Nothing depends on reading it, and no event has a secret. docs/events.md is made
 * from these schemas; a change of a field's meaning raises `eventsVersion`.
 */
import { z } from 'zod';

/** 1 had neither version, actor nor outcome. */
export const eventsVersion = 2;

/** Who made it happen. `command`: APIM, by a command; `operator`: a person; `agent`: a schedule of the agent itself. */
export const EventActor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('apim'), commandId: z.string().meta({ description: 'Id of the command' }) }),
  z.object({ kind: z.literal('operator'), name: z.string().meta({ description: 'Name of the user' }) }),
  z.object({ kind: z.literal('sweeper') }),
  z.object({ kind: z.literal('agent') }),
]);
export type EventActor = z.output<typeof EventActor>;

export const EventOutcome = z.enum(['ok', 'failed', 'unknown']);
export type EventOutcome = z.output<typeof EventOutcome>;

const base = {
  at: z.number().int().nonnegative().meta({ description: 'Epoch ms' }),
  integrationId: z.string().meta({ description: "APIM's id of the integration; empty: it is about none" }),
  actor: EventActor.meta({ description: 'Who made it happen' }),
  outcome: EventOutcome.meta({ description: 'Whether it went well; unknown: nobody can tell' }),
};
const detail = z.string().exactOptional().meta({ description: 'Why, or how, in words' });
const place = {
  account: z.string().meta({ description: 'AWS account' }),
  region: z.string().meta({ description: 'AWS region' }),
};
const uniqueId = z.string().meta({ description: '`<account>:<region>:<restApiId>:<stage>`' });

export const ApiEvent = z.object({
  ...base,
  uniqueId,
  what: z.enum(['added', 'changed', 'removed', 'degraded', 'restored']).meta({
    description: 'What happened to the stage in the catalog; degraded: its last read failed',
  }),
  detail,
});
export type ApiEvent = z.output<typeof ApiEvent>;

export const SubscriptionEvent = z.object({
  ...base,
  graviteeSubscriptionId: z.string().meta({ description: "APIM's id of the subscription" }),
  from: z.string().exactOptional().meta({ description: 'State before; absent: there was no record' }),
  state: z.string().meta({ description: 'New state of the record (docs/subscription-saga.md)' }),
  life: z.number().int().meta({ description: 'Which key of this subscription, from 1' }),
  ...place,
  uniqueId,
  apiKeyId: z.string().exactOptional().meta({ description: 'Id of the API key in AWS; never its value' }),
  usagePlanId: z.string().meta({ description: 'Usage plan of the key' }),
  detail,
});
export type SubscriptionEvent = z.output<typeof SubscriptionEvent>;

export const LinkEvent = z.object({
  ...base,
  linkId: z.string().meta({ description: 'The process that holds the channel' }),
  what: z.enum(['connected', 'refused', 'closed']).meta({ description: 'What happened to the channel' }),
  endpoint: z.string().meta({ description: 'URL of the controller' }),
  detail,
});
export type LinkEvent = z.output<typeof LinkEvent>;

export const ScanEvent = z.object({
  ...base,
  ...place,
  what: z.enum(['completed', 'incomplete']).meta({ description: 'How the scan ended' }),
  apis: z.number().int().meta({ description: 'Listed stages: each is an API for APIM' }),
  plans: z.number().int().meta({ description: 'Usage plans read' }),
  exports: z.number().int().meta({ description: 'Documents exported' }),
  durationMs: z.number().meta({ description: 'Milliseconds' }),
  failures: z.array(z.string()).meta({ description: 'Why it is incomplete; at most 20' }),
});
export type ScanEvent = z.output<typeof ScanEvent>;

export const ReceiptEvent = z.object({
  ...base,
  commandId: z.string().meta({ description: 'Id of the command' }),
  type: z.string().meta({ description: 'Type of the command, such as SUBSCRIBE' }),
  status: z.enum(['SUCCEEDED', 'ERROR']).meta({ description: 'What the reply says' }),
  receipt: z
    .enum(['delivered', 'unconfirmed', 'refused'])
    .meta({ description: 'What became of the reply on its way to APIM' }),
  detail,
});
export type ReceiptEvent = z.output<typeof ReceiptEvent>;

/** What an operator asked for, carried out or refused; `outcome` says which. */
export const OperatorEvent = z.object({
  ...base,
  what: z
    .enum([
      'scan',
      'look',
      'keep',
      'revoke',
      'resolved',
      'reconcile',
      'delete-key',
      'replay',
      'discard',
      'doctor',
    ])
    .meta({ description: 'What the operator asked for' }),
  graviteeSubscriptionId: z
    .string()
    .exactOptional()
    .meta({ description: 'Of keep, revoke, resolved and delete-key' }),
  apiKeyId: z.string().exactOptional().meta({ description: 'Of delete-key: id of the API key' }),
  account: place.account.exactOptional(),
  region: place.region.exactOptional(),
  detail,
});
export type OperatorEvent = z.output<typeof OperatorEvent>;

/** Every event by its kind. */
export interface EventsByKind {
  readonly api: ApiEvent;
  readonly subscription: SubscriptionEvent;
  readonly link: LinkEvent;
  readonly scan: ScanEvent;
  readonly receipt: ReceiptEvent;
  readonly operator: OperatorEvent;
}

type EventKinds = {
  readonly [K in keyof EventsByKind]: {
    readonly schema: z.ZodType<EventsByKind[K]>;
    /** One sentence. */
    readonly says: string;
    /** The third token of the subject, after the kind. */
    readonly what: (event: EventsByKind[K]) => string;
    /** The id that the subject's last token is made of. */
    readonly about: (event: EventsByKind[K]) => string;
  };
};

/** What each kind is, and the subject that it is published on: `event.<kind>.<what>.<token of about>`. */
export const eventKinds: EventKinds = {
  api: {
    schema: ApiEvent,
    says: 'A REST API at a stage has changed in the catalog.',
    what: ({ what }) => what,
    about: ({ uniqueId: id }) => id,
  },
  subscription: {
    schema: SubscriptionEvent,
    says: 'The record of a subscription has a new state. Each step of its life is one event.',
    what: ({ state }) => state,
    about: ({ graviteeSubscriptionId }) => graviteeSubscriptionId,
  },
  link: {
    schema: LinkEvent,
    says: 'The channel to APIM was connected, refused or closed.',
    what: ({ what }) => what,
    about: ({ integrationId }) => integrationId,
  },
  scan: {
    schema: ScanEvent,
    says: 'A scan of an account and region has ended.',
    what: ({ what }) => what,
    about: ({ account, region }) => `${account}.${region}`,
  },
  receipt: {
    schema: ReceiptEvent,
    says: "A command's reply has an outcome.",
    what: ({ receipt }) => receipt,
    about: ({ commandId }) => commandId,
  },
  operator: {
    schema: OperatorEvent,
    says: 'An operator asked for something, by the console, ctl or the node API.',
    what: ({ what }) => what,
    about: ({ graviteeSubscriptionId, integrationId }) => graviteeSubscriptionId ?? integrationId,
  },
};

/** The JSON schema of a kind of event, for its document. */
export function eventJsonSchema(kind: keyof EventsByKind): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(eventKinds[kind].schema);
}
