import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { controlClient } from './control-client.ts';
import type { ControlClient } from './control-client.ts';
import { startReadyChild } from './ready-child.ts';

const RUN = fileURLToPath(new URL('../interop/apim-controller/run.sh', import.meta.url));

/** Durations in milliseconds; what is left out keeps the default of `tests/interop/apim-controller/README.md`. */
export interface ApimControllerOptions {
  /** Provider by integration id. */
  integrations: Readonly<Record<string, string>>;
  token: string;
  healthIntervalMs?: number;
  /** From the reply to START_INGEST to the job being there. */
  jobDelayMs?: number;
  jobTimeoutMs?: number;
  commandTimeoutMs?: number;
  /** A PKCS12 file with its password: the controller then speaks TLS only. */
  tls?: { keystore: string; password: string };
  /** Every frame's JSON among the events. */
  logFrames?: boolean;
}

/** The real controller, running, and its control API. */
export interface ApimController extends ControlClient {
  /** What an agent is configured with: `http://127.0.0.1:port`, https with TLS. The path is `/exchange/controller`. */
  endpoint: string;
  /** Where the control API is. */
  httpUrl: string;
  exchangeVersion: string;
  stop(): Promise<void>;
}

/** A first start downloads and compiles; give a hook that starts the controller this many milliseconds. */
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
