/**
 * What an operator may ask the services over the broker. Core requests: an answer comes at once, or one asks again.
 * `by` is the name of the operator; the answers and the requests have no secret.
 */
import { z } from 'zod';
import { ScanRecord } from '../catalog.ts';
import { SagaState } from '../subscription.ts';

const epochMs = z.number().int().nonnegative();

/** The answer to any operator request: as in HTTP, `status` below 400 comes with a body, and above with a message. */
export const OperatorAnswer = z.union([
  z.object({ status: z.number().int().min(200).max(399), body: z.unknown() }),
  z.object({ status: z.number().int().min(400).max(599), message: z.string() }),
]);
export type OperatorAnswer = z.output<typeof OperatorAnswer>;

const ComponentStatus = z.enum(['up', 'degraded', 'down']);

/** Answer of every service of every process to `node.status`. */
export const NodeStatus = z.object({
  instance: z.string(),
  service: z.string(),
  version: z.string(),
  startedAt: epochMs,
  ready: z.boolean(),
  /** By component, such as `apim:<integration>`. */
  components: z.record(
    z.string(),
    z.object({
      status: ComponentStatus,
      detail: z.string().exactOptional(),
      required: z.boolean().exactOptional(),
    }),
  ),
});
export type NodeStatus = z.output<typeof NodeStatus>;

/** Answer of every process to `node.configuration`: the effective configuration, secrets masked. */
export const NodeConfiguration = z.object({
  instance: z.string(),
  service: z.string(),
  values: z.array(z.object({ path: z.string(), value: z.string(), source: z.string() })),
});
export type NodeConfiguration = z.output<typeof NodeConfiguration>;

/** To aws-discovery: scan now. Absent account and region: every target of the integration. */
export const AskScan = z.object({
  integrationId: z.string(),
  account: z.string().exactOptional(),
  region: z.string().exactOptional(),
  all: z.boolean(),
  by: z.string(),
});
export type AskScan = z.output<typeof AskScan>;
export const AskScanDone = z.object({ targets: z.array(ScanRecord.pick({ account: true, region: true })) });

/** What an operator may decide about a subscription when the agent cannot; see `operatorActions` of the saga. */
export const OperatorAction = z.enum(['keep', 'revoke', 'resolved']);
export type OperatorAction = z.output<typeof OperatorAction>;

/** To subscription-manager: what may be decided about one subscription, or (with `action`) a decision. */
export const AskSubscription = z.object({
  integrationId: z.string(),
  graviteeSubscriptionId: z.string(),
  action: OperatorAction.exactOptional(),
  /** `changedAt` of the record as the operator has seen it. */
  seen: epochMs.exactOptional(),
  by: z.string(),
});
export type AskSubscription = z.output<typeof AskSubscription>;

export const SubscriptionChoices = z.object({
  state: SagaState,
  message: z.string(),
  /** What a person should find out or do. */
  toDo: z.string().exactOptional(),
  actions: z.array(
    z.object({
      action: OperatorAction,
      does: z.string(),
      from: epochMs.exactOptional(),
      mustHaveSeen: z.boolean(),
    }),
  ),
});
export type SubscriptionChoices = z.output<typeof SubscriptionChoices>;

/** To the service that publishes to the letter's stream. */
export const AskDeadLetter = z.object({
  sequence: z.number().int().positive(),
  do: z.enum(['replay', 'discard']),
  by: z.string(),
});
export type AskDeadLetter = z.output<typeof AskDeadLetter>;

/** To aws-discovery: look in AWS for REST APIs with this id, or with this text in their names. */
export const AskLook = z.object({ integrationId: z.string(), text: z.string().min(1), by: z.string() });
export type AskLook = z.output<typeof AskLook>;

export const LookFound = z.object({
  apis: z.array(
    z.object({
      account: z.string(),
      region: z.string(),
      restApiId: z.string(),
      /** Absent: a REST API. Others have no plans. */
      apiType: z.enum(['HTTP', 'WEBSOCKET']).exactOptional(),
      name: z.string(),
      /** `<stage>` -> ids of the usage plans that open it. */
      stagesInPlans: z.record(z.string(), z.array(z.string())),
      /** `stage`, `include`, `exclude` or `filter` leave the API, or all of these stages, out. */
      filtered: z.boolean(),
    }),
  ),
  /** Targets that could not be read, each with the reason. */
  failures: z.array(z.string()),
});
export type LookFound = z.output<typeof LookFound>;
