import { z } from 'zod';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from './principals.ts';
import type { RegionContext } from './region-context.ts';
import type { World } from './world.ts';

/** The account and region of a command; by default those of the sandbox. */
export const AccountRegion = z.strictObject({
  account: z.string().default(DEFAULT_ACCOUNT),
  region: z.string().default(DEFAULT_REGION),
});
export type AccountRegion = z.infer<typeof AccountRegion>;

/** A command with any input. */
export interface Command {
  readonly input: z.ZodType;
  readonly run: (world: World, input: never) => unknown;
}

/** Combines a schema with the function that handles an input of that shape. */
export function command<Schema extends z.ZodType, Output>(
  input: Schema,
  run: (world: World, input: z.output<Schema>) => Output,
): { readonly input: Schema; readonly run: (world: World, input: z.output<Schema>) => Output } {
  return { input, run };
}

/** The account and region of a command. */
export function regionContextOf(world: World, at: AccountRegion): RegionContext {
  return world.regionContext(at.account, at.region);
}
