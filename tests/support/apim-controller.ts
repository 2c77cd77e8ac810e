import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { controlClient } from './control-client.ts';
import type { ControlClient } from './control-client.ts';
import { startReadyChild } from './ready-child.ts';

const RUN = fileURLToPath(new URL('../interop/apim-controller/run.sh', import.meta.url));

/** Durations in milliseconds; the defaults are in `tests/interop/apim-controller/README.md`. */
export interface ApimControllerOptions {
  /** Provider by integration id. */
  integrations: Readonly<Record<string, string>>;
  token: string;
  healthIntervalMs?: number;
  /** The time from the reply to START_INGEST until the job exists. */
  jobDelayMs?: number;
  jobTimeoutMs?: number;
  commandTimeoutMs?: number;
  /** A PKCS12 file with its password; with it the controller accepts only TLS. */
  tls?: { keystore: string; password: string };
  /** Record every frame's JSON as an event. */
  logFrames?: boolean;
}

/** The real controller, running, and its control API. */
export interface ApimController extends ControlClient {
  /**
   * The endpoint to configure in an agent: `http://127.0.0.1:port`, or https with TLS. The path is
   * `/exchange/controller`.
   */
  endpoint: string;
  /** URL of the control API. */
  httpUrl: string;
  exchangeVersion: string;
  stop(): Promise<void>;
}

/** The first start downloads and compiles: allow this many milliseconds in a hook that starts the controller. */
export const APIM_CONTROLLER_START_MS = 300_000;

const Ready = z.object({
  ready: z.literal(true),
  wsPort: z.number(),
  httpPort: z.number(),
  exchangeVersion: z.string(),
});

/** Starts the real controller of Gravitee APIM on loopback, on free ports. EXCHANGE_VERSION picks another version. */
export async function startApimController(options: ApimControllerOptions): Promise<ApimController> {
  const child = await startReadyChild({ command: RUN, args: argumentsOf(options), ready: Ready });
  const { wsPort, httpPort, exchangeVersion } = child.ready;
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  return {
    ...controlClient(httpUrl),
    endpoint: `${options.tls ? 'https' : 'http'}://127.0.0.1:${wsPort}`,
    httpUrl,
    exchangeVersion,
    stop: () => child.stop(),
  };
}

function argumentsOf(options: ApimControllerOptions): string[] {
  const named: Record<string, string | number | undefined> = {
    token: options.token,
    'health-interval-ms': options.healthIntervalMs,
    'job-delay-ms': options.jobDelayMs,
    'job-timeout-ms': options.jobTimeoutMs,
    'command-timeout-ms': options.commandTimeoutMs,
    'tls-keystore': options.tls?.keystore,
    'tls-password': options.tls?.password,
  };
  const integrations = Object.entries(options.integrations);
  return [
    '--until-stdin-closes',
    ...(options.logFrames ? ['--log-frames'] : []),
    ...integrations.flatMap(([id, provider]) => ['--integration', `${id}=${provider}`]),
    ...Object.entries(named).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    ),
  ];
}
