import { z } from 'zod';
import { createKey, deleteKey } from './api-keys.ts';
import { landscapeCommands } from './control-landscape.ts';
import { AccountRegion, command, regionContextOf } from './control-command.ts';
import { reachCommands } from './control-reach.ts';
import { FaultRule } from './faults.ts';
import { newKeyValue, newUpper } from './ids.ts';
import { denying, MINIMUM_POLICY, PolicyDocument } from './iam.ts';
import { DEFAULT_ACCOUNT } from './principals.ts';
import { LogFilter } from './request-log.ts';
import { Subscription } from './sqs/change-events.ts';
import { attachKey, detachKey } from './usage-plans.ts';
import { Rate } from './throttle.ts';
import type { Command } from './control-command.ts';
import type { World } from './world.ts';

const ThrottleChange = z.strictObject({
  enabled: z.boolean().optional(),
  scale: z.number().positive().optional(),
  total: Rate.optional(),
  operations: z.record(z.string(), Rate).optional(),
  retryAfterSeconds: z.number().optional(),
});
const LimitsChange = z.strictObject({
  maxPageSize: z.int().min(1).optional(),
  maxApiKeys: z.int().min(0).optional(),
  maxPlansPerKey: z.int().min(0).optional(),
  maxPlans: z.int().min(0).optional(),
  keepDeletedStages: z.boolean().optional(),
});
const NewUser = z.strictObject({
  account: z
    .string()
    .regex(/^\d{12}$/)
    .default(DEFAULT_ACCOUNT),
  name: z.string(),
  accessKeyId: z.string().optional(),
  secretAccessKey: z.string().optional(),
  policy: PolicyDocument.default(MINIMUM_POLICY),
});
const NewRole = z.strictObject({
  account: z.string().regex(/^\d{12}$/),
  name: z.string(),
  externalId: z.string().optional(),
  trusted: z.array(z.string()).default([]),
  sessionSeconds: z.number().positive().optional(),
  webIdentity: z.strictObject({ issuer: z.string(), subject: z.string() }).optional(),
  policy: PolicyDocument.default(MINIMUM_POLICY),
});
const NewForeignKey = AccountRegion.extend({
  name: z.string().optional(),
  description: z.string().optional(),
  value: z.string().optional(),
  enabled: z.boolean().default(true),
  planId: z.string().optional(),
});

/** Fields that are undefined in a change stay unchanged. */
function given<Value extends object>(change: Value): Value {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Value;
}

/** Everything that can be done to a sandbox: in process through `createControl`, over HTTP below `/_sandbox/`. */
export const COMMANDS = {
  ...landscapeCommands,
  ...reachCommands,

  /**
   * Every key of the account and region with its value and its plans, oldest first. Only this control interface shows
   * values.
   */
  keys: command(AccountRegion, (world, at) => {
    const { keys, plans } = regionContextOf(world, at).region;
    return [...keys.values()].map((key) => ({
      ...key,
      planIds: [...plans.values()].filter((plan) => plan.keyIds.includes(key.id)).map((plan) => plan.id),
    }));
  }),
  /** A key that somebody else makes by hand; enabled unless the input says otherwise. */
  addKey: command(NewForeignKey, (world, { planId, ...key }) => {
    const context = regionContextOf(world, key);
    const made = createKey(context, key);
    if (planId !== undefined) attachKey(context, planId, made.id);
    return { id: made.id, value: made.value };
  }),
  /** Somebody deletes a key by hand. */
  deleteKey: command(AccountRegion.extend({ keyId: z.string() }), (world, { keyId, ...at }) => {
    deleteKey(regionContextOf(world, at).region, keyId);
  }),
  /** Somebody removes a key from a plan by hand. */
  detachKey: command(
    AccountRegion.extend({ planId: z.string(), keyId: z.string() }),
    (world, { planId, keyId, ...at }) => {
      detachKey(regionContextOf(world, at).region, planId, keyId);
    },
  ),

  /** Adds a fault rule; answers its id. */
  addFault: command(FaultRule, (world, rule) => ({ id: world.faults.add(rule) })),
  /** Removes a fault rule; `removed` is false when there was none. */
  removeFault: command(z.strictObject({ id: z.string() }), (world, { id }) => ({
    removed: world.faults.remove(id),
  })),
  /** Removes all fault rules. */
  clearFaults: command(z.strictObject({}), (world) => world.faults.clear()),
  /** The rules, with how often each matched and how often it took effect. */
  faults: command(z.strictObject({}), (world) => world.faults.report()),

  /** The requests so far, oldest first, without bodies. */
  log: command(LogFilter, (world, filter) => world.log.entries(filter)),
  /** Counts over the requests so far, with the highest number within one second. */
  counters: command(LogFilter, (world, filter) => world.log.counters(filter)),
  /** Forgets the requests so far. */
  clearLog: command(z.strictObject({}), (world) => world.log.clear()),

  /** Changes the throttle and fills its buckets. */
  setThrottle: command(ThrottleChange, (world, change) => {
    world.throttle.set(given(change) as Parameters<World['throttle']['set']>[0]);
  }),
  /** Changes object quotas and the page size. */
  setLimits: command(LimitsChange, (world, change) => {
    Object.assign(world.limits, given(change));
  }),
  /** Moves the clock of the sandbox: it affects signatures, dates and sessions. */
  setClockOffset: command(z.strictObject({ ms: z.number() }), (world, { ms }) => world.setClockOffset(ms)),

  /** Adds a user with an access key, by default with the minimum policy. */
  addUser: command(NewUser, (world, { account, name, policy, ...key }) => {
    const accessKeyId = key.accessKeyId ?? `AKIA${newUpper(world.random, 16)}`;
    const secretAccessKey = key.secretAccessKey ?? newKeyValue(world.random);
    const { arn } = world.principals.addUser({ accessKeyId, secretAccessKey, account, name }, policy);
    return { arn, accessKeyId, secretAccessKey, account };
  }),
  /**
   * Adds a role that AssumeRole returns; with `webIdentity` also for a token of that subject. By default it has the
   * minimum policy.
   */
  addRole: command(
    NewRole,
    (world, { account, name, trusted, policy, externalId, sessionSeconds, webIdentity }) => {
      const role = { account, name, trusted, externalId, sessionSeconds, webIdentity };
      return { arn: world.principals.addRole(role, policy).arn };
    },
  ),
  /** Sets a policy on a user or role; it also applies to open sessions. */
  setPolicy: command(
    z.strictObject({ arn: z.string(), policy: PolicyDocument }),
    (world, { arn, policy }) => {
      world.principals.setPolicy(arn, policy);
    },
  ),
  /** Denies one verb on one path (`*` as in IAM), in addition to the policy. */
  deny: command(
    z.strictObject({ arn: z.string(), verb: z.string(), path: z.string() }),
    (world, { arn, verb, path }) => {
      world.principals.setPolicy(arn, denying(world.principals.policy(arn) ?? { Statement: [] }, verb, path));
    },
  ),
  /** From now on the changes of API Gateway go to a queue, which is made where it is missing. */
  subscribeQueue: command(Subscription, (world, subscription) => {
    const { account, region, queue } = subscription;
    world.queues.create(account, region, queue);
    world.changes.subscribe(subscription);
  }),
  /** No change goes to any queue any more. */
  unsubscribeQueues: command(z.strictObject({}), (world) => world.changes.clear()),
  /** Users and roles, without secrets. */
  principals: command(z.strictObject({}), (world) =>
    world.principals
      .all()
      .map(({ accessKeyId, account, arn, expiresAt }) => ({ accessKeyId, account, arn, expiresAt })),
  ),
  /** Forgets everything and starts anew. */
  reset: command(z.strictObject({}), (world) => world.reset()),
};

// When all fields of a schema are optional, the whole input is optional.
type Argument<Schema extends z.ZodType> =
  Record<string, never> extends z.input<Schema> ? [input?: z.input<Schema>] : [input: z.input<Schema>];
type Commands = typeof COMMANDS;

/** The commands as functions. They throw AwsError for what AWS would refuse, ZodError for a wrong input. */
export type AwsControl = {
  readonly [Name in keyof Commands]: (
    ...input: Argument<Commands[Name]['input']>
  ) => ReturnType<Commands[Name]['run']>;
};

/** The control of a world. */
export function createControl(world: World): AwsControl {
  // Each input has just been parsed by the schema beside its `run`.
  const bound = Object.entries<Command>(COMMANDS).map(([name, { input, run }]) => [
    name,
    (given: unknown = {}) => run(world, input.parse(given) as never),
  ]);
  return Object.fromEntries(bound) as AwsControl;
}
