/** For the tests: control planes against a sandbox AWS that is new in each test. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { DEFAULT_REGION, SANDBOX_AGENT, startAws, type SandboxAws } from '@federation-agent/sandbox';
import { startTestPlanes, type TestPlanes } from '@federation-agent/aws-control-plane/test';

export interface TestSandbox extends Omit<TestPlanes, 'stop'>, Pick<SandboxAws, 'control' | 'url'> {
  /** The sandbox's agent in one region; keys may be added or replaced. */
  base(): object;
}

/**
 * Starts broker and sandbox before the tests of a file, empties both around each test, and stops them. Without
 * throttle.
 */
export function useSandbox(): TestSandbox {
  let planes: TestPlanes | undefined;
  let aws: SandboxAws | undefined;
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the sandbox is there within tests only');
    return part;
  };
  beforeAll(async () => {
    [planes, aws] = await Promise.all([startTestPlanes(), startAws()]);
  });
  afterAll(async () => {
    await Promise.all([planes?.stop(), aws?.stop()]);
  });
  beforeEach(() => {
    started(aws).control.reset({});
    started(aws).control.setThrottle({ enabled: false });
  });
  afterEach(() => planes?.reset());
  const { accessKeyId, secretAccessKey } = SANDBOX_AGENT;
  return {
    get control() {
      return started(aws).control;
    },
    get url() {
      return started(aws).url;
    },
    get budget() {
      return started(planes).budget;
    },
    base: () => ({ region: DEFAULT_REGION, accessKeyId, secretAccessKey, endpointUrl: started(aws).url }),
    open: (...given) => started(planes).open(...given),
    reset: () => started(planes).reset(),
  };
}
