import type { Random } from './random.ts';
import type { Stack } from './stack.ts';

/** Something that goes wrong, for a while; when it has ended, all is as before. */
export interface Trouble {
  readonly name: string;
  /** How often, compared with the others. */
  readonly weight: number;
  /** Nothing else goes wrong meanwhile: it measures how long something takes. */
  readonly alone?: true;
  run(stack: Stack, random: Random): Promise<void>;
}
