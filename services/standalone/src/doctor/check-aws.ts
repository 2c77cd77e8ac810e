/** One AWS target: who we are, what of the documented policy is granted, the clock, and the keys of 10,000. */
import {
  AwsDenied,
  AwsBadRequest,
  AwsNotFound,
  IdentityUnknown,
  permissionFor,
  permissions,
  type Operation,
  type TargetProbe,
} from '@federation-agent/aws-control-plane';
import { awsApiKeyLimit } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/service-kit';
import { skewResult } from './clock-skew.ts';
import type { CheckName, CheckResult } from './result.ts';

/** AWS refuses a signature that is five minutes off. */
const signatureMs = 5 * 60_000;
const noticeableMs = 60_000;
const warnFrom = 0.9;

const reads = ['GetRestApis', 'GetUsagePlans', 'GetStages', 'GetExport'] as const;
const writes = (Object.keys(permissions) as Operation[]).filter((name) => permissions[name].verb !== 'GET');

type Found = Omit<CheckResult, 'subject'>;

export async function* checkTarget(target: TargetProbe, integrationId: string): AsyncGenerator<CheckResult> {
  const subject = `${integrationId} ${target.label}`;
  const at = (found: Found, what = ''): CheckResult => ({
    ...found,
    subject: what === '' ? subject : `${what}, ${subject}`,
  });

  const { account, result } = await identity(target);
  yield at(result);
  if (account === undefined) {
    for (const name of reads)
      yield at({ check: 'aws permission', status: 'skipped', detail: 'AWS does not know who asks' }, name);
    // Its answer is of no interest, but it tells AWS's time: a clock that is off may be the reason.
    await target.someApi('unknown').catch(() => undefined);
    yield at(skewResult(target.clockOffset(), 'AWS', noticeableMs, signatureMs));
    yield at({ check: 'api keys', status: 'skipped', detail: 'AWS does not know who asks' });
    return;
  }
  for await (const { name, ...found } of permissionsOf(target, account)) yield at(found, name);
  yield at(skewResult(target.clockOffset(), 'AWS', noticeableMs, signatureMs));
  yield at(await apiKeys(target));
}

async function identity(target: TargetProbe): Promise<{ account: string | undefined; result: Found }> {
  const check: CheckName = 'aws identity';
  try {
    const { account, arn } = await target.identity();
    if (target.account === undefined || target.account === account)
      return { account, result: { check, status: 'ok', detail: arn } };
    return {
      account,
      result: {
        check,
        status: 'failed',
        detail: `accountId is ${target.account}, but these credentials belong to ${account} (${arn})`,
        fix: 'correct accountId, or roleArn, of this target',
      },
    };
  } catch (error) {
    const reason = describeError(error);
    if (target.account !== undefined && error instanceof IdentityUnknown && error.unreachable) {
      const detail = `STS cannot be asked, so accountId ${target.account} is taken as it is configured: ${reason}`;
      return { account: target.account, result: { check, status: 'note', detail } };
    }
    return {
      account: undefined,
      result: {
        check,
        status: 'failed',
        detail: reason,
        fix: 'set accessKeyId and secretAccessKey (and sessionToken), or roleArn, in integration.providers[n].configuration, or give the process an AWS identity; the reason says what is wrong with this one',
      },
    };
  }
}

type Permission = Found & { readonly name: Operation };

async function* permissionsOf(target: TargetProbe, account: string): AsyncGenerator<Permission> {
  const check: CheckName = 'aws permission';
  let apiId: string | undefined;
  let stage: string | undefined;
  const ask = async (name: Operation, call: () => Promise<unknown>): Promise<Permission> => {
    try {
      await call();
      return { name, check, status: 'ok', detail: 'allowed' };
    } catch (error) {
      return { name, check, ...refusal(error) };
    }
  };
  const none = (name: Operation, detail: string): Permission => ({ name, check, status: 'skipped', detail });

  const apis = await ask('GetRestApis', async () => {
    apiId = await target.someApi(account);
  });
  yield apis;
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
  for (const name of writes) {
    const { action, resource } = permissionFor(name, target.region);
    yield {
      name,
      check,
      status: 'note',
      detail: `cannot be tried without writing; it needs ${action} on ${resource}`,
    };
  }
}

function refusal(error: unknown): Pick<Found, 'status' | 'detail' | 'fix'> {
  if (error instanceof AwsDenied) {
    const { action: Action, resource: Resource } = error;
    const statement = JSON.stringify({ Effect: 'Allow', Action, Resource });
    return {
      status: 'failed',
      detail: error.message,
      fix: `add to the policy of this identity: ${statement}`,
    };
  }
  // AWS looks at the permission first: an API that it cannot export, or that is just gone, is no refusal.
  if (error instanceof AwsBadRequest || error instanceof AwsNotFound)
    return { status: 'ok', detail: `allowed (${error.message})` };
  return {
    status: 'failed',
    detail: describeError(error),
    fix: 'let this host reach API Gateway in this region (its endpoint, or integration.providers[n].configuration.endpointUrl), and try again',
  };
}

async function apiKeys(target: TargetProbe): Promise<Found> {
  const check: CheckName = 'api keys';
  const counted = await target.countApiKeys();
  if ('reason' in counted) {
    return counted.denied
      ? { check, status: 'ok', detail: 'not permitted to count, fine: the agent needs no GET /apikeys' }
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
