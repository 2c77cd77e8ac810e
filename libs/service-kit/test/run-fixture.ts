/** Runs the fixture service as a process, on a broker of the test file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';

const fixture = fileURLToPath(new URL('fixture-service.ts', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  /** Resolves with the first line of its output that matches. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves with the first log line that has this message. */
  logged(msg: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code and all that was printed. */
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

/** For one test file. @returns what starts the service; it is killed at the end of the test */
export function useFixture(): (env?: Record<string, string>, argv?: string[]) => Run {
  const children: ChildProcess[] = [];
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => broker.stop());

  return (env = {}, argv = []) => {
    const child = spawn(process.execPath, [fixture, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        gravitee_integration_connector_ws_endpoints_0: 'http://127.0.0.1:1',
        gravitee_integration_connector_ws_headers_0_name: 'Authorization',
        gravitee_integration_connector_ws_headers_0_value: 'bearer t0k3n-value',
        gravitee_integration_providers_0_type: 'aws-api-gateway',
        gravitee_integration_providers_0_integrationId: 'one',
        gravitee_integration_providers_0_configuration_region: 'eu-west-1',
        gravitee_services_core_http_port: '0',
        gravitee_services_core_http_host: '127.0.0.1',
        gravitee_services_metrics_enabled: 'true',
        gravitee_services_metrics_prometheus_enabled: 'true',
        NATS_URL: broker.url,
        ...env,
      },
    });
    children.push(child);
    let [out, err] = ['', ''];
    const waiting = new Set<() => void>();
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    createInterface(child.stdout).on('line', (text) => {
      out += `${text}\n`;
      for (const look of waiting) look();
    });
    const line = (pattern: RegExp): Promise<string> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = out.split('\n').find((one) => pattern.test(one));
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        child.once('close', () => reject(new Error(`ended without ${pattern.source}: ${out}${err}`)));
        look();
      });
    const logged = async (msg: string): Promise<Record<string, unknown>> =>
      JSON.parse(await line(new RegExp(`"msg":"${msg}"`, 'u'))) as Record<string, unknown>;
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
    return { child, line, logged, ended };
  };
}
