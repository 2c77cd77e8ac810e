import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { findNatsServer } from '@federation-agent/broker/test';

test('the demo performs the whole job, without the AWS credentials of the machine, and ends with 0', async () => {
  const demo = fileURLToPath(new URL('../../sandbox/src/demo.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [demo, '--once'], {
    // If these were used, AWS would refuse them.
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      HOME: tmpdir(),
      NATS_SERVER_BIN: findNatsServer(),
      AWS_ACCESS_KEY_ID: 'of-the-machine',
      AWS_SECRET_ACCESS_KEY: 'of-the-machine',
      AWS_PROFILE: 'of-the-machine',
    },
  });
  const steps = ['started', 'connected', 'discovered', 'ingested', 'subscribed', 'unsubscribed'];
  const found = steps.filter((step) => new RegExp(`^ +${step} `, 'mu').test(stdout));
  expect(found).toEqual(steps);
}, 120_000);
