import { z } from 'zod';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from './principals.ts';
import type { Scene } from './scene.ts';
import type { World } from './world.ts';

/** Which account and region a command is about; those of the sandbox when left out. */
export const At = z.strictObject({
  account: z.string().default(DEFAULT_ACCOUNT),
  region: z.string().default(DEFAULT_REGION),
});
export type At = z.infer<typeof At>;

/** A command with any input. */
export interface Command {
  readonly input: z.ZodType;
  readonly run: (world: World, input: never) => unknown;
}

/** Ties a schema and what is done with an input of that shape. */
export function command<Schema extends z.ZodType, Output>(
  input: Schema,
  run: (world: World, input: z.output<Schema>) => Output,
): { readonly input: Schema; readonly run: (world: World, input: z.output<Schema>) => Output } {
  return { input, run };
}

/** The account and region of a command. */
export function sceneOf(world: World, at: At): Scene {
  return world.scene(at.account, at.region);
}
