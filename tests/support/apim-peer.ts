import { limitsAt } from '@federation-agent/contracts';
import { startApim } from '@federation-agent/sandbox';
import { startApimController } from './apim-controller.ts';
import { controlClient } from './control-client.ts';
import type { ControlClient } from './control-client.ts';

export type ApimKind = 'sandbox' | 'controller';

/** An APIM controller with its control API: ours, or the real one. */
export interface ApimPeer extends ControlClient {
  readonly kind: ApimKind;
  /** What an agent is configured with. */
  readonly endpoint: string;
  readonly token: string;
  /** Of a command without a reply, milliseconds. */
  readonly commandTimeoutMs: number;
  readonly healthIntervalMs: number;
  stop(): Promise<void>;
}

export interface ApimPeerOptions {
  readonly integrations: readonly string[];
  /** As the agent's. */
  readonly timeScale: number;
}

const TOKEN = 'a-service-account-token';
/** A health round so often: rounds must pass in a test, and a busy machine must keep up. */
const HEALTH_INTERVAL_MS = 1_000;
/** From the START_INGEST reply to the job; below the agent's start delay. */
const JOB_DELAY_MS = 10;

/** Starts a controller for these integrations, its durations scaled as the agent's. */
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
