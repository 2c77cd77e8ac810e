/** Reads a list of AWS page by page: complete, or an error. */
import type { Limits } from '@federation-agent/contracts';
import type { z } from 'zod';
import type { RawAnswer } from './answer.ts';
import type { Caller } from './call.ts';
import type { Command } from './client.ts';
import type { Priority } from './model.ts';
import type { Operation } from './permissions.ts';
import type { Page, Reading } from './wire.ts';

/** More pages than this (500,000 items) come from a server that never ends. */
const mostPages = 1_000;

export interface List<T> {
  readonly operation: Operation;
  /** @param from where the page begins; undefined: the first one */
  readonly command: (from: string | undefined) => Command;
  readonly page: (answer: RawAnswer, item: z.ZodType<T>) => Reading<Page<T>>;
  readonly item: z.ZodType<T>;
  readonly idOf: (item: T) => string;
  readonly priority: Priority;
  readonly signal: AbortSignal | undefined;
}

/** All pages. They are not a snapshot, so an item may come twice; then the later one counts. */
export async function listPages<T>(caller: Caller, limits: Limits, list: List<T>): Promise<T[]> {
  const { operation, command, idOf, priority, signal } = list;
  const items = new Map<string, T>();
  const positions = new Set<string>();
  let position: string | undefined;
  do {
    const from = position;
    const page: Page<T> = await caller({
      operation,
      command: () => command(from),
      read: (answer) => newPage(list.page(answer, list.item), positions),
      priority,
      timeout: limits.readCall,
      signal,
    });
    for (const one of page.items) items.set(idOf(one), one);
    position = page.position;
    if (position !== undefined) positions.add(position);
  } while (position !== undefined);
  return [...items.values()];
}

/** One page. A token that was seen before is an error, because the list would never end. */
export function newPage<T>(page: Reading<Page<T>>, before: ReadonlySet<string>): Reading<Page<T>> {
  if ('unreadable' in page || page.value.position === undefined) return page;
  if (before.has(page.value.position)) return { unreadable: 'its next page is one that was read before' };
  return before.size < mostPages ? page : { unreadable: `it has more than ${mostPages} pages` };
}
