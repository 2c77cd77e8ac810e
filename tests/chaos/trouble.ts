import type { Random } from './random.ts';
import type { Stack } from './stack.ts';

/** A fault that lasts for a while; when it has ended, everything is as before. */
export interface Trouble {
  readonly name: string;
  /** How often it happens, compared with the others. */
  readonly weight: number;
  /** There is no other fault meanwhile, because it measures how long something takes. */
  readonly alone?: true;
  run(stack: Stack, random: Random): Promise<void>;
}
