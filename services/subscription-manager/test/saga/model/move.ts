import type { World } from './world.ts';

/** One step that the world may take. */
export interface Move {
  readonly name: string;
  /**
   * `send`: APIM may, but need not; `fault`: something goes wrong; `time`; `work`: what must happen sooner or later.
   */
  readonly kind: 'send' | 'fault' | 'time' | 'work';
  run(world: World): void;
}
