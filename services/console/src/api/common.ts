/** Shapes that several parts of the HTTP API share. Every time is epoch ms. */
import { z } from 'zod';

export const time = z.number().int().nonnegative().meta({ description: 'Epoch ms' });
export const count = z.number().int().nonnegative();

/** Every answer from status 400 on. */
export const ApiError = z.object({
  /** The name of the status, such as `Not Found`. */
  error: z.string(),
  /** What is wrong and what to do. */
  message: z.string(),
});
export type ApiError = z.output<typeof ApiError>;

/** `unknown`: nobody who could tell has answered. */
export const PartState = z.enum(['up', 'degraded', 'down', 'unknown']);
export type PartState = z.output<typeof PartState>;

const most = 1_000;
/** A page of a list: rows from `offset` on. */
export const paging = {
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(most).default(100),
};

/** What an operator's request has done. */
export const Done = z.object({ message: z.string() });
export type Done = z.output<typeof Done>;
