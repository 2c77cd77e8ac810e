/**
 * The two calls that can leave a key behind: CreateApiKey and ImportApiKeys. The record counts each call before it is
 * made here. Each is sent once (`maxAttempts` 1), and its deadline is checked right before it is sent.
 */
import {
  AwsBadRequest,
  AwsConflict,
  AwsDenied,
  AwsLimitExceeded,
  AwsNotFound,
  AwsUnreadableSuccess,
  isDefiniteFailure,
  type NewKey,
} from '@federation-agent/aws-control-plane';
import type { SubscriptionRecord } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import type { CreatingAnswer, CreatingCall } from './events.ts';
import { recordKey } from './record.ts';
import { toHostTime, type Saga } from './saga.ts';
import { UnsealableError } from './seal.ts';

export interface CreatingOptions {
  /** Epoch ms, the broker's clock: from then on the call is not sent. */
  readonly deadline: number;
  /** False: the key of a purge opens nothing. A create is always enabled. */
  readonly enabled?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How the call ended. `error` is what it failed with; the reply tells it when nothing better is known. */
export interface CreatingResult {
  readonly answer: CreatingAnswer;
  readonly error?: unknown;
}

/** Makes the call with the record's sealed value, name and description. It never throws for an answer of AWS. */
export async function makeCreatingCall(
  saga: Saga,
  record: SubscriptionRecord,
  call: CreatingCall,
  { deadline, enabled = true, signal }: CreatingOptions,
): Promise<CreatingResult> {
  const options = { deadline: toHostTime(saga, deadline), ...(signal && { signal }) };
  const result = await attempt(call, async () => {
    const { keys } = await saga.targets.find(record.integrationId, record.account, record.region);
    const newKey = newKeyOf(saga, record);
    return {
      make: () =>
        call === 'create' ? keys.create(newKey, options) : keys.import({ ...newKey, enabled }, options),
    };
  });
  saga.metrics.creatingCalls.inc({ call, answer: result.answer.kind });
  return result;
}

/**
 * An error while the call is prepared means that it was not executed. An error of the call itself is judged by
 * `answerOf`.
 */
async function attempt(
  call: CreatingCall,
  prepare: () => Promise<{ make: () => Promise<{ readonly keyId: string }> }>,
): Promise<CreatingResult> {
  let make: () => Promise<{ readonly keyId: string }>;
  try {
    ({ make } = await prepare());
  } catch (error) {
    const hopeless = error instanceof UnsealableError;
    return {
      error,
      answer: hopeless ? { kind: 'refused', reason: describeError(error) } : { kind: 'not-executed' },
    };
  }
  try {
    return { answer: { kind: 'id', ...(await make()) } };
  } catch (error) {
    return { error, answer: answerOf(call, error) };
  }
}

/** What an error says about whether the call executed. */
export function answerOf(call: CreatingCall, error: unknown): CreatingAnswer {
  const reason = describeError(error);
  if (error instanceof AwsUnreadableSuccess) return { kind: 'unreadable', reason };
  if (!isDefiniteFailure(error)) return { kind: 'lost' };
  if (error instanceof AwsConflict) return { kind: 'conflict' };
  if (error instanceof AwsDenied) return { kind: call === 'import' ? 'denied' : 'refused', reason };
  if (error instanceof AwsLimitExceeded || error instanceof AwsBadRequest || error instanceof AwsNotFound) {
    return { kind: 'refused', reason };
  }
  return { kind: 'not-executed' };
}

function newKeyOf(saga: Saga, record: SubscriptionRecord): NewKey {
  return { name: record.keyName, description: record.keyDescription, value: openKeyValue(saga, record) };
}

/** The key value of this life. From then on it is redacted in every log. */
export function openKeyValue(saga: Saga, record: SubscriptionRecord): string {
  if (record.value === undefined) throw new UnsealableError('the record has none');
  const keyValue = saga.sealer.open(record.value, recordKey(record));
  saga.telemetry.secrets.addRecent(keyValue);
  return keyValue;
}
