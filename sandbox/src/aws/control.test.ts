import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { connectAwsControl } from './control-client.ts';
import { agentOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import { peakWithin } from './request-log.ts';

test('the same seed gives the same landscape, ids and all; another seed another', async () => {
  const [one, two] = [await startAws(), await startAws()];
  const wanted = { apis: 25, plans: 4, unplanned: 3, stages: 2, keys: 6, seed: 7 };
  const land = one.control.seed(wanted);
  expect(two.control.seed(wanted)).toEqual(land);
  expect(two.control.seed({ ...wanted, seed: 8 })).not.toEqual(land);
  expect(one.control.state()).toMatchObject([{ apis: 25, stages: 50, plans: 4, keys: 6 }]);
  const descriptions = land.apis.map(({ description }) => description ?? '').join('');
  for (const nasty of ['"', ';;', '🚀', '\u0000', '\n']) expect(descriptions).toContain(nasty);
  const offered = new Set(land.plans.flatMap(({ apiStages }) => apiStages.map(({ apiId }) => apiId)));
  expect(land.apis.map(({ id }) => offered.has(id))).toEqual(land.apis.map(({ planned }) => planned));
  await Promise.all([one.stop(), two.stop()]);
});

test('one API can have a document of many megabytes', async () => {
  const aws = await startAws();
  const { apis } = aws.control.seed({ apis: 1, documentBytes: 14_000_000 });
  const client = agentOf(aws.url);
  const { body } = await client.getExport({ restApiId: apis[0]?.id, stageName: 'prod', exportType: 'oas30' });
  expect(body?.length).toBeGreaterThanOrEqual(14_000_000);
  await aws.stop();
});

test('over HTTP the commands are the same, and wrong ones say why', async () => {
  const aws = await startAws();
  const remote = connectAwsControl(aws.url);
  const { apis, plans } = await remote.seed({ apis: 2, plans: 1, unplanned: 1 });
  const link = { planId: plans[0]?.id ?? '', apiId: apis[1]?.id ?? '', stage: 'prod' };
  await remote.attach(link);
  expect((await remote.plans())[0]?.apiStages).toHaveLength(2);
  await remote.detach(link);
  expect(aws.control.plans()[0]?.apiStages).toHaveLength(1);
  await expect(remote.detach(link)).rejects.toMatchObject({ name: 'SandboxCommandError', status: 404 });
  await expect(remote.seed({ apis: -1 })).rejects.toMatchObject({ status: 400 });
  expect((await fetch(`${aws.url}/_sandbox/nonsense`)).status).toBe(404);
  expect((await fetch(`${aws.url}/_sandbox/seed`, { method: 'POST', body: 'no json' })).status).toBe(400);
  const read = await fetch(`${aws.url}/_sandbox/counters?operation=GetRestApis`);
  expect(await read.json()).toMatchObject({ calls: 0 });
  await aws.stop();
});

test('an API is edited, deployed and deleted from outside; a reset forgets everything', async () => {
  const aws = await startAws();
  const { control } = aws;
  const { apis } = control.seed({ apis: 2 });
  const apiId = apis[0]?.id ?? '';
  const client = agentOf(aws.url);
  const exported = async () => {
    const { body } = await client.getExport({ restApiId: apiId, stageName: 'prod', exportType: 'oas30' });
    return Buffer.from(body ?? []).toString('utf8');
  };
  control.editApi({ apiId, addPath: '/later' });
  expect(await exported()).not.toContain('/later');
  const { deploymentId } = control.redeploy({ apiId });
  expect(await exported()).toContain('/later');
  expect(control.apis()[0]?.stages[0]?.deploymentId).toBe(deploymentId);
  control.addStage({ apiId, stage: 'dev' });
  control.deleteStage({ apiId, stage: 'prod' });
  expect((await client.getStages({ restApiId: apiId })).item?.map(({ stageName }) => stageName)).toEqual([
    'dev',
  ]);
  control.deleteApi({ apiId });
  expect(control.apis()).toHaveLength(1);
  control.reset();
  expect(control.state()).toEqual([]);
  expect(control.log()).toEqual([]);
  await aws.stop();
});

test('the peak is the most within any second, wherever it begins', () => {
  expect(peakWithin([], 1000)).toBe(0);
  expect(peakWithin([0, 900, 1000, 1100, 1899], 1000)).toBe(4);
  expect(peakWithin([2000, 0, 1000], 1000)).toBe(1);
});

test('as a process it says where it is in one line, and ends on SIGTERM though a client hangs', async () => {
  const seed = JSON.stringify({ apis: 3 });
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--seed-json', seed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { ready, url } = JSON.parse(line) as { ready: boolean; url: string };
  expect(ready).toBe(true);
  const remote = connectAwsControl(url);
  expect(await remote.state()).toMatchObject([{ apis: 3 }]);
  await remote.addFault({ fault: { kind: 'hang-before' } });
  const hanging = agentOf(url)
    .getRestApis({})
    .catch(() => 'lost');
  const patience = AbortSignal.timeout(10_000);
  while (!patience.aborted && (await remote.log()).length === 0);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await hanging).toBe('lost');
});
