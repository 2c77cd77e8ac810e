import type { World } from './world.ts';

/** One possible step of the world. */
export interface Move {
  readonly name: string;
  /**
   * `send`: APIM may do it; `fault`: something goes wrong; `time`: time passes; `work`: it happens sooner or later.
   */
  readonly kind: 'send' | 'fault' | 'time' | 'work';
  run(world: World): void;
}
