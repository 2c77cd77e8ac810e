import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pastDoors } from './doors.mjs';

describe('doors of packages', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'doors-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** @param {string} file @param {string} text */
  const wrongIn = (file, text) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    return pastDoors(folder, [file]);
  };

  test.each([
    ['libs/net/src/a.ts', "import { x } from '../../base/src/errors.ts';"],
    ['libs/net/src/a.ts', "export * from '../../base/src/index.ts';"],
    ['libs/net/src/a.ts', "const x = await import('../../base/src/errors.ts');"],
    ['libs/net/src/a.ts', "type X = import('../../base/src/errors.ts').X;"],
    ['libs/net/src/a.test.ts', "import { x } from '../../base/test/x.ts';"],
    ['tests/e2e/a.test.ts', "import { x } from '../../libs/base/test/index.ts';"],
    ['scripts/a.mjs', "import { x } from '../libs/base/src/index.ts';"],
    ['libs/net/src/a.test.ts', "import { x } from '@federation-agent/base/src/errors.ts';"],
    ['libs/net/src/a.ts', "import { x } from '@federation-agent/base/test';"],
    ['scripts/a.mjs', "import { x } from '@federation-agent/base/test';"],
    ['libs/net/src/deep/a.ts', "import { x } from '../../test/fixtures.ts';"],
    ['sandbox/src/a.ts', "import type { X } from '../test/x.ts';"],
    ['services/doctor/src/a.ts', "import { x } from './b.test.ts';"],
    ['libs/base/src/a.ts', "import { x } from '@federation-agent/net';"],
    ['libs/broker/src/a.ts', "export { x } from '@federation-agent/net';"],
    ['services/gateway-link/src/a.ts', "import type { X } from '@federation-agent/aws-discovery';"],
    ['libs/broker/src/a.ts', "import { x } from '@aws-sdk/client-api-gateway';"],
    ['sandbox/src/a.ts', "const x = import('@smithy/core');"],
  ])('%s may not: %s', (file, text) => expect(wrongIn(file, text)).toEqual([expect.stringContaining(file)]));

  test.each([
    [
      'libs/net/src/a.ts',
      "import { x } from '@federation-agent/base';\nimport { y } from './tls/y.ts';\nimport 'zod';",
    ],
    [
      'libs/net/src/a.test.ts',
      "import { x } from '@federation-agent/base/test';\nimport { y } from '../test/y.ts';",
    ],
    [
      'libs/net/test/a.ts',
      "import { x } from '@federation-agent/base/test';\nimport { y } from '../src/y.ts';",
    ],
    [
      'tests/chaos/run.ts',
      "import { x } from '@federation-agent/base/test';\nimport { y } from '../support/y.ts';",
    ],
    ['scripts/test/a.mjs', "import { x } from './plan.mjs';"],
    ['libs/broker/src/a.test.ts', "import { x } from '@federation-agent/net';"],
    ['libs/aws-control-plane/src/a.ts', "import { x } from '@aws-sdk/client-api-gateway';"],
    ['sandbox/src/a.test.ts', "import { x } from '@aws-sdk/client-api-gateway';"],
    ['libs/base/src/a.test.ts', "import { x } from '@federation-agent/base/test';"],
    ['tests/e2e/a.test.ts', "import { x } from '@aws-sdk/client-api-gateway';"],
  ])('%s may: %s', (file, text) => expect(wrongIn(file, text)).toEqual([]));
});
