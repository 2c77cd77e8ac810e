import { FilterSyntaxError } from './filter-syntax-error.ts';
import { parseFilter } from './syntax.ts';

/** Why a text is no filter, in one line; undefined: it is one. */
export function filterProblem(text: string): string | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    if (error instanceof FilterSyntaxError) return `is no filter: ${error.message}`;
    throw error;
  }
}
