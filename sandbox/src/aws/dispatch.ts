import { errorAnswer } from './answer.ts';
import { AwsError, forbidden, tooManyRequests } from './errors.ts';
import { denialText, evaluate, resourceArn } from './iam.ts';
import { authenticate } from './principals.ts';
import { findRoute } from './routes/index.ts';
import { answerSqs, sqsError } from './sqs/answer-sqs.ts';
import { answerSts, stsError, UNSIGNED } from './routes/sts.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './principals.ts';
import type { Route } from './routes/route.ts';
import type { SignedRequest } from './signature.ts';
import type { World } from './world.ts';

/** The operation that a request asks for, before any check. */
export type Target =
  | { readonly service: 'sts'; readonly operation: string; readonly form: URLSearchParams }
  | { readonly service: 'sqs'; readonly operation: string }
  | {
      readonly service: 'apigateway';
      readonly operation: string;
      readonly route: Route | undefined;
      readonly params: Readonly<Record<string, string>>;
      readonly query: URLSearchParams;
    };

/** The result of a call. */
export interface Outcome {
  readonly answer: Answer;
  readonly caller: string | undefined;
  readonly executed: boolean;
}

/**
 * Finds the operation of a request: SQS names it in a header, a form at the root is for STS, and everything else is for
 * API Gateway.
 */
export function targetOf(request: SignedRequest): Target {
  const [protocol, named = 'unknown'] = (request.headers['x-amz-target'] ?? '').split('.');
  if (protocol === 'AmazonSQS') return { service: 'sqs', operation: named };
  if (request.path === '/' && request.method === 'POST') {
    const form = new URLSearchParams(request.body.toString('utf8'));
    return { service: 'sts', operation: form.get('Action') ?? 'unknown', form };
  }
  const query = new URLSearchParams(request.query);
  const found = findRoute(request.method, request.path, query);
  const operation = found?.route.operation ?? 'unknown';
  return { service: 'apigateway', operation, route: found?.route, params: found?.params ?? {}, query };
}

/** An error in the format of the service that was called. */
export function refusal(target: Target, error: AwsError): Answer {
  if (target.service === 'sqs') return sqsError(error);
  return target.service === 'sts' ? stsError(error) : errorAnswer(error);
}

/** Handles a call in AWS's order: who calls, is the rate too high, is it allowed, then the operation itself. */
export function perform(world: World, request: SignedRequest, target: Target, repeatPage: boolean): Outcome {
  let caller: Caller | undefined;
  try {
    const sts = { principals: world.principals, random: world.random, now: world.now() };
    if (target.service === 'sts' && target.operation === UNSIGNED) {
      const answer = answerSts({ ...sts, form: target.form, caller: undefined });
      return { answer, caller: undefined, executed: true };
    }
    caller = authenticate(world.principals, request, target.service, world.now());
    const answer = answerService(world, request, target, caller, repeatPage);
    return { answer, caller: caller.principal.arn, executed: true };
  } catch (error) {
    const known =
      error instanceof AwsError
        ? error
        : new AwsError(
            500,
            'InternalFailure',
            `The sandbox failed: ${Error.isError(error) ? error.message : ''}`,
          );
    return { answer: refusal(target, known), caller: caller?.principal.arn, executed: false };
  }
}

function answerService(
  world: World,
  request: SignedRequest,
  target: Target,
  caller: Caller,
  repeatPage: boolean,
): Answer {
  const { principals, queues, random } = world;
  const now = world.now();
  switch (target.service) {
    case 'sts':
      return answerSts({ principals, random, now, form: target.form, caller: caller.principal });
    case 'sqs': {
      const policy = principals.policyOf(caller.principal);
      return answerSqs({ queues, operation: target.operation, request, caller, policy, now });
    }
    case 'apigateway': {
      const answer = answerGateway(world, request, target, caller, repeatPage);
      if (request.method !== 'GET')
        world.changes.publish({ ...target, caller, path: request.path, body: request.body }, now);
      return answer;
    }
  }
}

function answerGateway(
  world: World,
  request: SignedRequest,
  target: Extract<Target, { service: 'apigateway' }>,
  { principal, region }: Caller,
  repeatPage: boolean,
): Answer {
  const { throttle } = world;
  if (!throttle.admit(principal.account, region, target.operation, world.now()))
    throw tooManyRequests(throttle.settings.retryAfterSeconds);
  const authorize = (name: string, path: string, account = '') => {
    const [action, arn] = [`apigateway:${name}`, resourceArn(region, path, account)];
    const decision = evaluate(world.principals.policyOf(principal), action, arn);
    if (decision !== 'allowed')
      throw forbidden('AccessDeniedException', denialText(principal.arn, action, arn, decision));
  };
  // IAM names the paths of the second version without its prefix.
  const path = request.path.replace(/^\/v2(?=\/)/, '');
  if (target.route?.ownAction === true) authorize(target.operation, path, principal.account);
  else authorize(request.method, path);
  if (target.route === undefined)
    throw new AwsError(
      404,
      'UnknownOperationException',
      `The sandbox has no ${request.method} ${request.path}`,
    );
  return target.route.handle({
    ...world.regionContext(principal.account, region),
    operation: target.operation,
    params: target.params,
    query: target.query,
    accept: request.headers['accept'] ?? '',
    body: request.body,
    repeatPage,
    authorize,
  });
}
