/** One AWS call, the same way for every operation: a token of the budget, a span, metrics, and an error class. */
import {
  type Clock,
  countFromZero,
  type Metrics,
  type Randomness,
  type Telemetry,
  yieldToEventLoop,
} from '@federation-agent/base';
import type { KeyCall } from './budget-step.ts';
import type { Budget } from './budget.ts';
import { requestIdOf, type RawAnswer } from './answer.ts';
import type { Clients, Command } from './client.ts';
import {
  AwsCallStopped,
  AwsCredentials,
  AwsThrottled,
  AwsUnavailable,
  AwsUnreadableAnswer,
  AwsError,
  DeadlinePassed,
} from './errors.ts';
import { isClockSkew } from './credential-remedies.ts';
import { awsMetrics } from './metrics.ts';
import type { Priority } from './model.ts';
import { isV2, type Operation } from './permissions.ts';
import type { Identity } from './targets.ts';
import { toAwsError, unreadableAnswer } from './to-aws-error.ts';
import type { Reading } from './wire.ts';

export interface CallerOptions {
  readonly clients: Clients;
  readonly budget: Budget;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics<typeof awsMetrics>;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly identity: Identity;
  readonly account: string;
  readonly region: string;
  /** Texts that must not be in any error. */
  readonly secrets: readonly string[];
  /**
   * Resolves when the identity is known to belong to this account; replaced keys may belong to another. @throws
   * AwsError
   */
  readonly verified: () => Promise<void>;
}

export interface Call<T> {
  readonly operation: Operation;
  /** Makes the SDK command; called again for each attempt. */
  readonly command: () => Command;
  readonly read: (answer: RawAnswer) => Reading<T>;
  readonly priority: Priority;
  /** Time-out of one attempt, from sending to the last byte, ms. */
  readonly timeout: number;
  /**
   * Absent for a read, which is tried up to three times. A change is sent once. `creates` uses a separate connection,
   * `keys` takes a second token.
   */
  readonly change?: { readonly creates: boolean; readonly keys?: KeyCall };
  readonly secrets?: readonly string[];
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws AwsError */
export type Caller = <T>(call: Call<T>) => Promise<T>;

const readAttempts = 3;

/** The caller for one account and region. */
export function createCaller(options: CallerOptions): Caller {
  const { clients, budget, telemetry, metrics, clock, random, identity, account, region } = options;
  countFromZero(metrics.calls, awsMetrics.calls, { account, region });

  async function token(call: Call<unknown>): Promise<void> {
    const { operation, priority, deadline, signal } = call;
    const keys = call.change?.keys;
    const granted = await budget.take({ account, region, priority, keys, deadline, signal });
    if (granted === 'late') throw new DeadlinePassed({ operation, account, region });
    if (granted === 'stopped') throw new AwsCallStopped({ operation, account, region });
  }

  /** One attempt: sends and reads the answer, or throws the error class. */
  async function send<T>(call: Call<T>, attempt: number): Promise<T> {
    const { operation, deadline, signal, timeout, change } = call;
    const facts = {
      operation,
      account,
      region,
      change: change !== undefined,
      secrets: [...options.secrets, ...(call.secrets ?? [])],
    };
    const attributes = {
      'rpc.system': 'aws-api',
      'rpc.service': 'API Gateway',
      'rpc.method': operation,
      'cloud.account.id': account,
      'cloud.region': region,
      'aws.attempt': attempt,
    };
    return telemetry.span(`API Gateway/${operation}`, { kind: 'client', attributes }, async (span) => {
      const result = await clients.exchange(identity, region, call.command(), {
        v2: isV2(operation),
        signal,
        timeout,
        fresh: change?.creates ?? false,
        // Getting credentials may take long, so the deadline is checked when the request goes out.
        beforeSending: () => {
          if (deadline !== undefined && clock.now() >= deadline) throw new DeadlinePassed(facts);
        },
      });
      const answer = 'answer' in result ? result.answer : result.failure.answer;
      if (answer) {
        span.setAttribute('http.response.status_code', answer.status);
        span.setAttribute('aws.request_id', requestIdOf(answer) ?? '');
      }
      if ('failure' in result) throw toAwsError(facts, result.failure);
      const reading = call.read(result.answer);
      if ('unreadable' in reading) throw unreadableAnswer(facts, result.answer, reading.unreadable);
      return reading.value;
    });
  }

  async function attempt<T>(call: Call<T>, number: number): Promise<T> {
    await options.verified();
    await token(call);
    // Tokens of many accounts come due in the same millisecond: their calls are not all made in one turn.
    await yieldToEventLoop();
    const { operation } = call;
    const sentAt = clock.now();
    let outcome = 'ok';
    try {
      return await send(call, number);
    } catch (error) {
      outcome = error instanceof AwsError ? error.code : 'error';
      if (error instanceof AwsThrottled) {
        const { retryAfterMs } = error;
        await budget.throttled({ account, region, keys: call.change?.keys }, { sentAt, retryAfterMs });
      }
      if (error instanceof AwsCredentials && mayBeReplaced(error)) clients.forget(identity);
      throw error;
    } finally {
      metrics.calls.inc({ account, region, operation, outcome });
      metrics.callSeconds.observe({ operation }, (clock.now() - sentAt) / 1_000);
    }
  }

  return async (call) => {
    let renewed = false;
    for (let number = 1; ; number += 1) {
      try {
        return await attempt(call, number);
      } catch (error) {
        // The call was not executed, so a change may be sent again too: once, with new credentials.
        if (error instanceof AwsCredentials && error.refused && mayBeReplaced(error) && !renewed) {
          renewed = true;
          continue;
        }
        const pause = call.change || number >= readAttempts ? undefined : pauseAfter(error, number, random);
        if (pause === undefined || pause > call.timeout) throw error;
        await clock.sleep(pause, call.signal);
      }
    }
  };
}

/** A client that has just learned AWS's time from the answer is kept: the next call uses that time to sign. */
function mayBeReplaced({ message }: AwsCredentials): boolean {
  return !isClockSkew(message);
}

/** Full jitter, from 200 ms, after a 429 from 1 s; never before Retry-After. Undefined: another try would not help. */
function pauseAfter(error: unknown, attempt: number, random: Randomness): number | undefined {
  const again =
    error instanceof AwsThrottled || error instanceof AwsUnavailable || error instanceof AwsUnreadableAnswer;
  if (!again) return undefined;
  const base = (error instanceof AwsThrottled ? 1_000 : 200) * 2 ** (attempt - 1);
  return Math.max(error.retryAfterMs ?? 0, random.fraction() * base);
}
