/** Keys, roles and external ids that are replaced while the agent runs, and sessions that AWS no longer accepts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { AgentConfig } from '@federation-agent/contracts';
import { DEFAULT_ACCOUNT, SANDBOX_AGENT } from '@federation-agent/sandbox';
import { AwsCredentials } from '@federation-agent/aws-control-plane';
import { failureOf } from '@federation-agent/aws-control-plane/test';
import { eventually } from '@federation-agent/base/test';
import { type LiveConfig, loadConfig } from '@federation-agent/configuration';
import { startKubernetesApi } from '@federation-agent/configuration/test';
import { useSandbox } from './support/sandbox.ts';

const sandbox = useSandbox();
const otherAccount = '111111111111';
const key = { name: 'n', description: 'd', value: 'v'.repeat(40) };
/** The identities that signed the calls of an operation, in order. */
const signersOf = (operation: string): (string | undefined)[] =>
  sandbox.control.log({ operation }).map(({ accessKeyId }) => accessKeyId);

/** A configuration that the test can replace. */
function replaceable(first: object): { live: LiveConfig; replace: (next: object) => void } {
  const configured = (configuration: object) =>
    AgentConfig.parse({
      integration: { providers: [{ type: 'aws-api-gateway', integrationId: 'test', configuration }] },
    });
  let tell: (config: AgentConfig) => void = () => undefined;
  return {
    live: {
      current: () => configured(first),
      watch(_path, onChange) {
        tell = onChange;
        return () => undefined;
      },
    },
    replace: (next) => tell(configured(next)),
  };
}

test('a watched secret: the next call is signed with the new key, and so is the next session of a role', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'federation-rotation-'));
  const kubernetes = await startKubernetesApi('agents');
  const next = sandbox.control.addUser({ name: 'next' });
  const role = sandbox.control.addRole({ account: otherAccount, name: 'agent' });
  const put = ({ accessKeyId, secretAccessKey }: Omit<typeof next, 'arn' | 'account'>): void =>
    kubernetes.set('agents', 'aws', { id: accessKeyId, secret: secretAccessKey });
  put(SANDBOX_AGENT);
  const provider = 'gravitee_integration_providers_0_';
  const loaded = await loadConfig({
    argv: [],
    cwd,
    pauses: { again: 10, unwatched: 10, file: 10 },
    env: {
      ...kubernetes.env,
      gravitee_integration_connector_ws_endpoints_0: 'https://apim.example.com',
      gravitee_integration_connector_ws_headers_0_name: 'Authorization',
      gravitee_integration_connector_ws_headers_0_value: 'bearer t0ken',
      [`${provider}type`]: 'aws-api-gateway',
      [`${provider}integrationId`]: 'test',
      [`${provider}configuration_accessKeyId`]: 'secret://kubernetes/aws:id?watch',
      [`${provider}configuration_secretAccessKey`]: 'secret://kubernetes/aws:secret?watch',
      [`${provider}configuration_endpointUrl`]: sandbox.url,
      [`${provider}configuration_targets_0_regions`]: 'eu-west-1',
      [`${provider}configuration_targets_1_regions`]: 'eu-west-1',
      [`${provider}configuration_targets_1_roleArn`]: role.arn,
    },
  });
  const quiet = () => undefined;
  const following = loaded.follow({ secret: quiet, changed: quiet, atNextStart: quiet, trouble: quiet });
  try {
    const [configured] = loaded.config.integration.providers;
    const { plane, telemetry } = sandbox.open(configured?.configuration ?? {}, {}, loaded.live);
    const { ready, waiting } = await plane.targets();
    expect(waiting).toEqual([]);
    for (const { reads } of ready) await reads.restApis('scan');
    expect(signersOf('AssumeRole')).toEqual([SANDBOX_AGENT.accessKeyId]);
    const before = signersOf('GetRestApis');
    expect(before[0]).toBe(SANDBOX_AGENT.accessKeyId);

    const current = () => loaded.live.current().integration.providers[0]?.configuration;
    await eventually(() => kubernetes.watches() === 1);
    put(next);
    await eventually(() => current()?.accessKeyId === next.accessKeyId);
    sandbox.control.clearLog({});
    for (const { reads, keys } of ready) {
      await reads.restApis('scan');
      await keys.create(key);
    }
    expect(signersOf('AssumeRole')).toEqual([next.accessKeyId]);
    const after = signersOf('GetRestApis');
    expect(after[0]).toBe(next.accessKeyId);
    expect(after[1]).not.toBe(before[1]);
    expect(signersOf('CreateApiKey')).toEqual(after);
    expect((await plane.targets()).ready).toEqual(ready);
    expect(ready[0]?.identity).toBe(next.arn);
    expect(telemetry.lines().flatMap(({ arn }) => arn ?? [])).toContain(next.arn);
    expect(JSON.stringify(telemetry.lines())).not.toContain(next.secretAccessKey);
  } finally {
    await following.stop();
    await kubernetes.stop();
    await rm(cwd, { recursive: true });
  }
});

describe('replaced while it runs', () => {
  test('the external id of a role', async () => {
    const { arn } = sandbox.control.addRole({
      account: otherAccount,
      name: 'agent',
      externalId: 'former-id',
    });
    const configuration = (externalId: string) => ({ ...sandbox.base(), roleArn: arn, externalId });
    const { live, replace } = replaceable(configuration('former-id'));
    const { plane } = sandbox.open(configuration('former-id'), {}, live);
    expect((await plane.targets()).ready).toHaveLength(1);
    sandbox.control.addRole({ account: otherAccount, name: 'agent', externalId: 'present-id' });
    replace(configuration('present-id'));
    const target = await plane.target(otherAccount, 'eu-west-1');
    expect(await target?.reads.restApis('scan')).toEqual([]);
    expect((await plane.targets()).ready).toEqual([target]);
  });

  test('a role by one of another account: the former target is no more, and nothing is done in its name', async () => {
    const roles = [DEFAULT_ACCOUNT, otherAccount].map((account) =>
      sandbox.control.addRole({ account, name: 'agent' }),
    );
    const [former, present] = roles.map(({ arn }) => ({ ...sandbox.base(), roleArn: arn }));
    const { live, replace } = replaceable(former ?? {});
    const { plane } = sandbox.open(former ?? {}, {}, live);
    const [target] = (await plane.targets()).ready;
    replace(present ?? {});
    expect(await failureOf(target?.reads.restApis('scan') ?? Promise.resolve())).toBeInstanceOf(
      AwsCredentials,
    );
    expect(await plane.target(DEFAULT_ACCOUNT, 'eu-west-1')).toBeUndefined();
    expect((await plane.targets()).ready.map(({ account }) => account)).toEqual([otherAccount]);
    expect(plane.labels()).toEqual([`eu-west-1 as ${roles[1]?.arn ?? ''}`]);
  });

  test("keys by another account's: what was meant for the former account is not done in the other", async () => {
    const other = sandbox.control.addUser({ name: 'other', account: otherAccount });
    const { accessKeyId, secretAccessKey } = other;
    const { live, replace } = replaceable(sandbox.base());
    const { plane } = sandbox.open(sandbox.base(), {}, live);
    const [target] = (await plane.targets()).ready;
    replace({ ...sandbox.base(), accessKeyId, secretAccessKey });
    const error = await failureOf(target?.keys.delete('k1') ?? Promise.resolve());
    expect(error).toBeInstanceOf(AwsCredentials);
    expect(String(error)).toContain('of another account');
    expect(signersOf('DeleteApiKey')).toEqual([]);
    expect((await plane.targets()).ready.map(({ account }) => account)).toEqual([otherAccount]);
  });

  test('keys while STS is asked with the former ones: that answer does not count', async () => {
    const other = sandbox.control.addUser({ name: 'other', account: otherAccount });
    const { accessKeyId, secretAccessKey } = other;
    const { live, replace } = replaceable(sandbox.base());
    const { plane } = sandbox.open(sandbox.base(), {}, live);
    sandbox.control.addFault({
      match: { operation: 'GetCallerIdentity' },
      times: 1,
      fault: { kind: 'delay', ms: 300 },
    });
    const asked = plane.targets();
    await eventually(() => sandbox.control.faults()[0]?.fired === 1);
    replace({ ...sandbox.base(), accessKeyId, secretAccessKey });
    expect((await asked).ready).toEqual([]);
    expect((await plane.targets()).ready.map(({ account }) => account)).toEqual([otherAccount]);
  });
});

describe('a session that AWS no longer accepts', () => {
  const expire = (operation: string, times: number): unknown =>
    sandbox.control.addFault({ match: { operation }, times, fault: { kind: 'expired-token' } });

  test('is replaced, and the call made again: a read, and a change that did not execute', async () => {
    const { arn } = sandbox.control.addRole({ account: otherAccount, name: 'agent' });
    const { reads, keys } = await sandbox.open({ ...sandbox.base(), roleArn: arn }).target();
    expire('GetRestApis', 1);
    expect(await reads.restApis('scan')).toEqual([]);
    expect(sandbox.control.counters({ operation: 'AssumeRole' }).calls).toBe(2);
    expect(new Set(signersOf('GetRestApis')).size).toBe(2);
    expire('CreateApiKey', 1);
    const { keyId } = await keys.create(key);
    expect(sandbox.control.keys({ account: otherAccount }).map((made) => made.id)).toEqual([keyId]);
    expect(new Set(signersOf('CreateApiKey')).size).toBe(2);
  });

  test('nor the next one: an error, after one more try', async () => {
    const { keys } = await sandbox.open(sandbox.base()).target();
    expire('CreateApiKey', 3);
    expect(await failureOf(keys.create(key))).toBeInstanceOf(AwsCredentials);
    expect(sandbox.control.counters({ operation: 'CreateApiKey' }).calls).toBe(2);
  });
});
