/** Has the read model while somebody looks: it costs memory for each stage, and work at each change. */
import type { Clock } from '@federation-agent/base';
import type { ReadModel } from './read-model.ts';

export interface ModelKeeper {
  /** The model, which may still fill itself. Without one it begins to; one that is there stays for `idleMs` more. */
  open(): Promise<ReadModel>;
  /** The same, once it has been told all records. @throws BrokerUnavailableError, see `ReadModel.whole` */
  whole(): Promise<ReadModel>;
  stop(): Promise<void>;
}

/** The model is let go of when nobody has looked for as long. */
export const idleMs = 5 * 60_000;

export interface ModelKeeperOptions {
  readonly fill: () => Promise<ReadModel>;
  /** Whether a page is open that is told of changes: then the model stays. */
  readonly isWatched: () => boolean;
  readonly clock: Clock;
}

export function createModelKeeper({ fill, isWatched, clock }: ModelKeeperOptions): ModelKeeper {
  let kept: { readonly model: Promise<ReadModel>; readonly letGo: () => Promise<void> } | undefined;
  let usedAt = 0;

  const keep = (): NonNullable<typeof kept> => {
    const model = fill();
    const stopping = new AbortController();
    const letGo = async (): Promise<void> => {
      stopping.abort();
      kept = undefined;
      (await model).stop();
    };
    const untilIdle = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        if (isWatched()) usedAt = clock.now();
        const left = usedAt + idleMs - clock.now();
        if (left <= 0) await letGo();
        else await clock.sleep(left, stopping.signal);
      }
    };
    void untilIdle();
    return { model, letGo };
  };

  const open = (): Promise<ReadModel> => {
    usedAt = clock.now();
    kept ??= keep();
    return kept.model;
  };
  return {
    open,
    whole: async () => {
      const model = await open();
      await model.whole();
      return model;
    },
    stop: async () => {
      await kept?.letGo();
    },
  };
}
