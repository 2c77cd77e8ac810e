/**
 * Checks one AWS target: our identity, the granted part of the documented policy, the clock, and the number of keys out
 * of 10,000.
 */
import {
  AwsCredentials,
  AwsDenied,
  AwsBadRequest,
  AwsError,
  AwsNotFound,
  IdentityUnknown,
  AwsThrottled,
  AwsUnavailable,
  permissionFor,
  permissions,
  type Operation,
  type OptInProbe,
  type TargetProbe,
} from '@federation-agent/aws-control-plane';
import { awsApiKeyLimit } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { denialFix } from './aws-refusal.ts';
import { skewResult } from './clock-skew.ts';
import type { CheckName, CheckResult } from './result.ts';

/** AWS refuses a signature that is five minutes off. */
const signatureMs = 5 * 60_000;
const noticeableMs = 60_000;
const warnFrom = 0.9;

const writes = (Object.keys(permissions) as Operation[]).filter((name) => permissions[name].verb !== 'GET');

type Found = Omit<CheckResult, 'subject'>;

/** @param key where it is configured, such as `integration.providers[0].configuration` */
export async function* checkTarget(
  target: TargetProbe,
  integrationId: string,
  key: string,
): AsyncGenerator<CheckResult> {
  const subject = `${integrationId} ${target.label}`;
  const at = (found: Found, what = ''): CheckResult => ({
    ...found,
    subject: what === '' ? subject : `${what}, ${subject}`,
  });

  const { account, reached, result } = await identity(target, key);
  yield at(result);
  if (account === undefined) {
    const why = reached ? 'AWS does not accept the credentials' : 'the identity is unknown';
    yield at({ check: 'aws permission', status: 'skipped', detail: why });
    // This answer itself does not matter, but it tells AWS's time: a wrong clock may be the reason.
    if (reached) await target.someApi('unknown').catch(() => undefined);
    yield at(skewResult(target.clockOffset(), 'AWS', noticeableMs, signatureMs));
    yield at({ check: 'api keys', status: 'skipped', detail: why });
    return;
  }
  let reachable = true;
  for await (const { name, unreachable = false, ...found } of permissionsOf(target, account, key)) {
    reachable &&= !unreachable;
    yield at(found, name);
  }
  yield at(skewResult(target.clockOffset(), 'AWS', noticeableMs, signatureMs));
  yield at(
    reachable
      ? await apiKeys(target)
      : { check: 'api keys', status: 'skipped', detail: 'API Gateway cannot be reached' },
  );
}

interface Identity {
  readonly account: string | undefined;
  /** STS answered, with whatever result. */
  readonly reached: boolean;
  readonly result: Found;
}

async function identity(target: TargetProbe, key: string): Promise<Identity> {
  const check: CheckName = 'aws identity';
  try {
    const { account, arn } = await target.identity();
    if (target.account === undefined || target.account === account)
      return { account, reached: true, result: { check, status: 'ok', detail: arn } };
    return {
      account,
      reached: true,
      result: {
        check,
        status: 'failed',
        detail: `accountId is ${target.account}, but these credentials belong to ${account} (${arn})`,
        fix: `correct accountId, or roleArn, of this target in ${key}`,
      },
    };
  } catch (error) {
    const reason = describeError(error);
    const reached = !(error instanceof IdentityUnknown && error.unreachable);
    if (target.account !== undefined && !reached) {
      const detail = `STS cannot be asked, so accountId ${target.account} is taken as it is configured: ${reason}`;
      return { account: target.account, reached, result: { check, status: 'note', detail } };
    }
    const role = `fix the trust policy of the role, or the policy of the identity that assumes it, as the reason says; or correct roleArn (and externalId) in ${key}`;
    const refused = reason.includes('cannot be assumed') ? role : otherCredentials(key);
    const fix = reached ? refused : reachIt('STS', 'stsEndpointUrl', target, key, reason);
    return { account: undefined, reached, result: { check, status: 'failed', detail: reason, fix } };
  }
}

function otherCredentials(key: string): string {
  return `correct accessKeyId and secretAccessKey (and sessionToken), or roleArn, in ${key}; without them the process needs an AWS identity of its own`;
}

/** How to reach an AWS service that did not answer. */
function reachIt(
  service: string,
  endpointKey: string,
  { region }: TargetProbe,
  key: string,
  reason: string,
): string {
  if (reason.includes('the proxy ')) return 'correct the proxy that the reason names';
  if (/ENOTFOUND|EAI_AGAIN/u.test(reason))
    return `check the name of the region (${region}) in ${key}, and that this host (or container) can look up names outside; behind a proxy set HTTPS_PROXY`;
  return `let this host reach ${service} in ${region}: firewall, security group, a proxy (HTTPS_PROXY), or a VPC endpoint (${key}.${endpointKey})`;
}

type Permission = Found & { readonly name: string; readonly unreachable?: boolean };

async function* permissionsOf(target: TargetProbe, account: string, key: string): AsyncGenerator<Permission> {
  const check: CheckName = 'aws permission';
  let apiId: string | undefined;
  let stage: string | undefined;
  const ask = async (name: string, call: () => Promise<unknown>): Promise<Permission> => {
    try {
      // When AWS refused because of a wrong clock, the SDK now knows AWS's time. The clock is reported separately.
      await call().catch((error: unknown) => {
        if (error instanceof AwsCredentials) return call();
        throw error;
      });
      return { name, check, status: 'ok', detail: 'allowed' };
    } catch (error) {
      return { name, check, ...refusal(error, target, key) };
    }
  };
  const none = (name: string, detail: string): Permission => ({ name, check, status: 'skipped', detail });

  const apis = await ask('GetRestApis', async () => {
    apiId = await target.someApi(account);
  });
  yield apis;
  if (apis.unreachable) {
    yield none('all others', 'API Gateway cannot be reached');
    return;
  }
  yield await ask('GetUsagePlans', () => target.usagePlans(account));
  const noApi =
    apis.status === 'ok' ? 'there is no REST API to try it on' : 'no REST API could be read to try it on';
  const id = apiId;
  if (id === undefined) {
    yield none('GetStages', noApi);
    yield none('GetExport', noApi);
  } else {
    const stages = await ask('GetStages', async () => {
      stage = await target.someStage(account, id);
    });
    yield stages;
    const name = stage;
    if (name === undefined)
      yield none(
        'GetExport',
        stages.status === 'ok'
          ? `the REST API ${id} has no stage to try it on`
          : 'no stage could be read to try it on',
      );
    else yield await ask('GetExport', () => target.exportDocument(account, id, name));
  }
  for (const optIn of target.optIns)
    yield optInResult(await ask(optIn.operation, () => optIn.ask(account)), optIn);
  yield* untried(target);
}

/** Without it everything else works: it is a note, which says what the statement would give. */
function optInResult(asked: Permission, { keys, gives }: OptInProbe): Permission {
  if (asked.status === 'ok' && asked.detail === 'allowed')
    return { ...asked, detail: `allowed, for ${keys}` };
  const { detail, fix } = asked;
  const without = `${keys} would give ${gives}, and nothing else depends on it`;
  if (asked.status === 'ok') return { ...asked, status: 'note', detail: `not there: ${detail}; ${without}` };
  const mend = fix === undefined ? {} : { fix: `${fix}; or turn off ${keys}` };
  return { ...asked, status: 'note', detail: `${detail}; ${without}`, ...mend, unreachable: false };
}

/** One result for the calls that the same statement allows. */
function* untried({ region }: TargetProbe): Generator<Permission> {
  const needs = (name: Operation): string => {
    const { action, resource } = permissionFor(name, region);
    return `${action} on ${resource}`;
  };
  for (const [need, names] of Map.groupBy(writes, needs)) {
    const verb = names.length === 1 ? 'needs' : 'need';
    yield {
      name: names.join(' and '),
      check: 'aws permission',
      status: 'skipped',
      detail: `cannot be checked without a change in AWS; ${verb} ${need}`,
    };
  }
}

type Refusal = Pick<Permission, 'status' | 'detail' | 'fix' | 'unreachable'>;

function refusal(error: unknown, target: TargetProbe, key: string): Refusal {
  const detail = wordsOf(error);
  if (error instanceof AwsDenied) return { status: 'failed', detail, fix: denialFix(error) };
  if (error instanceof AwsCredentials) return { status: 'failed', detail, fix: otherCredentials(key) };
  // AWS checks the permission first: an API that it cannot export, or that is just gone, is not a refusal.
  if (error instanceof AwsBadRequest || error instanceof AwsNotFound)
    return { status: 'ok', detail: `allowed (${detail})` };
  if (error instanceof AwsThrottled)
    return {
      status: 'note',
      detail: `could not be checked: ${detail}`,
      fix: 'try again later: AWS throttles these calls now',
    };
  const fix = reachIt('API Gateway', 'endpointUrl', target, key, detail);
  return { status: 'failed', detail, fix, unreachable: error instanceof AwsUnavailable };
}

/** The result already names the call and the target. */
function wordsOf(error: unknown): string {
  const words = describeError(error);
  if (!(error instanceof AwsError)) return words;
  const { operation, account, region } = error;
  const before = `${operation} in ${account}/${region}: `;
  return words.startsWith(before) ? words.slice(before.length) : words;
}

async function apiKeys(target: TargetProbe): Promise<Found> {
  const check: CheckName = 'api keys';
  const counted = await target.countApiKeys();
  if ('reason' in counted) {
    return counted.denied
      ? {
          check,
          status: 'skipped',
          detail: 'cannot be counted: GET /apikeys is not permitted, and the agent does not need it',
        }
      : { check, status: 'note', detail: `could not be counted: ${counted.reason}` };
  }
  const detail = `${counted.count} of the ${awsApiKeyLimit} that an account may have in a region`;
  return counted.count < warnFrom * awsApiKeyLimit
    ? { check, status: 'ok', detail }
    : {
        check,
        status: counted.count >= awsApiKeyLimit ? 'failed' : 'note',
        detail,
        fix: 'AWS does not raise this quota: remove keys that nobody uses, or spread the APIs over accounts or regions',
      };
}
