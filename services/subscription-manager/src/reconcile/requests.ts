/** Answers what an operator asks about the API keys in AWS. */
import { AwsError } from '@federation-agent/aws-control-plane';
import { AskKeys, type OperatorAnswer } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { answerOperator, type Answering, dispositionOf } from '@federation-agent/broker';
import type { Saga } from '../saga/saga.ts';
import { UnknownTargetError } from '../targets.ts';
import { deleteOrphan } from './delete-orphan.ts';
import { keyPage, keyPlans, keyTargets } from './read-keys.ts';

/** Shorter than whoever asks waits for an answer: what takes longer is asked again. */
const answerMs = 15_000;

export function answerKeyRequests(saga: Saga, integrationIds: readonly string[]): Answering {
  const { broker } = saga;
  const stopping = new AbortController();
  const handle = async (request: AskKeys): Promise<OperatorAnswer> => {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(answerMs)]);
    try {
      return await answer(saga, request, signal);
    } catch (error) {
      const told = error instanceof AwsError || error instanceof UnknownTargetError;
      if (!told || dispositionOf(error) === 'retryable') throw error;
      return { status: 409, message: describeError(error) };
    }
  };
  const answering = integrationIds.map((integrationId) =>
    answerOperator(broker, broker.subjects.operator('keys', integrationId), AskKeys, handle),
  );
  return {
    stop: () => {
      stopping.abort();
      for (const one of answering) one.stop();
    },
  };
}

async function answer(saga: Saga, request: AskKeys, signal: AbortSignal): Promise<OperatorAnswer> {
  switch (request.do) {
    case 'targets':
      return { status: 200, body: await keyTargets(saga, request.integrationId, signal) };
    case 'page':
      return { status: 200, body: await keyPage(saga, request, request.position, signal) };
    case 'plans':
      return { status: 200, body: await keyPlans(saga, request, request.keyIds, signal) };
    case 'delete':
      return deleteOrphan(saga, request, signal);
  }
}
