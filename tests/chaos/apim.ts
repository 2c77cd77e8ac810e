import { z } from 'zod';
import { startApimPeer } from '../support/apim-peer.ts';
import type { ApimKind, ApimPeer } from '../support/apim-peer.ts';
import type { CommandAnswer, ControlEvent } from '../support/control-client.ts';
import type { Front } from './front.ts';
import type { Timeline } from './timeline.ts';

/**
 * An event of a controller. `run` is the number of the controller, because a restarted one knows nothing of the time
 * before. `seenAt` is when the event was seen here, by the timeline's clock: at most `DRAIN_MS` late, since controllers
 * have their own clocks.
 */
export type Seen = ControlEvent & { readonly run: number; readonly seenAt: number };

/** An ingest job of a controller. */
interface StartedJob {
  readonly run: number;
  readonly integration: string;
  readonly jobId: string;
}

/** The running controller, whichever it is, behind the front. */
export interface Apim {
  readonly token: string;
  readonly commandTimeoutMs: number;
  peer(): ApimPeer;
  run(): number;
  /** Everything that all controllers have seen. */
  readonly events: readonly Seen[];
  /** Jobs of every controller. */
  readonly jobs: StartedJob[];
  /** The reply; undefined when there was none, or no controller. */
  command(integration: string, type: string, payload: object): Promise<CommandAnswer | undefined>;
  /** Collects the new events of the controller. */
  drain(): Promise<void>;
  /** Ends the controller and starts another. `whileAway` runs between the two. */
  restart(whileAway: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface ApimOptions {
  readonly kind: ApimKind;
  readonly integrations: readonly string[];
  readonly timeScale: number;
  readonly front: Front;
  readonly timeline: Timeline;
}

export const DRAIN_MS = 250;
/** These are frequent and do not matter. */
const SILENT = new Set(['HEALTH_CHECK', 'PRIMARY']);

export async function startApimSide({
  kind,
  integrations,
  timeScale,
  front,
  timeline,
}: ApimOptions): Promise<Apim> {
  const start = (): Promise<ApimPeer> => startApimPeer(kind, { integrations, timeScale });
  const events: Seen[] = [];
  let peer = await start();
  let run = 1;
  let since = 0;
  front.aim(peer.endpoint);

  let draining = Promise.resolve();
  const drainOnce = async (): Promise<void> => {
    const fresh = await peer.events(since).catch(() => []);
    const seenAt = timeline.now();
    since = fresh.at(-1)?.seq ?? since;
    events.push(
      ...fresh.filter(({ type }) => !SILENT.has(type ?? '')).map((event) => ({ ...event, run, seenAt })),
    );
  };
  const drain = (): Promise<void> => (draining = draining.then(drainOnce));
  const timer = setInterval(() => void drain(), DRAIN_MS);

  return {
    token: peer.token,
    commandTimeoutMs: peer.commandTimeoutMs,
    peer: () => peer,
    run: () => run,
    events,
    jobs: [],
    async command(integration, type, payload) {
      try {
        const answer = await peer.command(integration, { type, payload });
        return answer.error == null ? answer : undefined;
      } catch (error) {
        if (error instanceof z.ZodError) throw error;
        return undefined; // The controller is away, or just went.
      }
    },
    drain,
    async restart(whileAway) {
      await drain();
      front.aim(undefined);
      await peer.stop();
      timeline.note('controller gone', { run });
      await whileAway();
      peer = await start();
      run += 1;
      since = 0;
      front.aim(peer.endpoint);
      timeline.note('controller back', { run });
    },
    async stop() {
      clearInterval(timer);
      await drain();
      await peer.stop();
    },
  };
}
