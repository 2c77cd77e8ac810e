import { limitsAt } from '@federation-agent/contracts';
import { startApim } from '@federation-agent/sandbox';
import { startApimController } from './apim-controller.ts';
import { controlClient } from './control-client.ts';
import type { ControlClient } from './control-client.ts';

export type ApimKind = 'sandbox' | 'controller';

/** An APIM controller with its control API: ours, or the real one. */
export interface ApimPeer extends ControlClient {
  readonly kind: ApimKind;
  /** The endpoint to configure in an agent. */
  readonly endpoint: string;
  readonly token: string;
  /** Time-out of a command without a reply, milliseconds. */
  readonly commandTimeoutMs: number;
  readonly healthIntervalMs: number;
  stop(): Promise<void>;
}

export interface ApimPeerOptions {
  readonly integrations: readonly string[];
  /** The same as the agent's. */
  readonly timeScale: number;
}

const TOKEN = 'a-service-account-token';
/** Interval of health rounds: short enough for a test, long enough for a busy machine. */
const HEALTH_INTERVAL_MS = 1_000;
/** The time from the START_INGEST reply until the job exists; shorter than the agent's start delay. */
const JOB_DELAY_MS = 10;

/** Starts a controller for these integrations, with durations scaled like the agent's. */
export async function startApimPeer(kind: ApimKind, options: ApimPeerOptions): Promise<ApimPeer> {
  const { commandTimeout } = limitsAt(options.timeScale);
  const integrations = Object.fromEntries(options.integrations.map((id) => [id, 'aws-api-gateway']));
  const common = { healthIntervalMs: HEALTH_INTERVAL_MS, jobDelayMs: JOB_DELAY_MS };
  const timing = { ...common, commandTimeoutMs: commandTimeout };
  const facts = {
    token: TOKEN,
    commandTimeoutMs: commandTimeout,
    healthIntervalMs: HEALTH_INTERVAL_MS,
  };
  if (kind === 'sandbox') {
    const apim = await startApim({ integrations, tokens: [TOKEN], ...timing });
    const { endpoint, controlUrl } = apim;
    return { ...controlClient(controlUrl), ...facts, kind, endpoint, stop: () => apim.stop() };
  }
  return { ...(await startApimController({ integrations, token: TOKEN, ...timing })), ...facts, kind };
}
