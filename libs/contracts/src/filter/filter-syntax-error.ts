/** A filter that cannot be read: where, and what was expected there. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  /** From 1. */
  readonly column: number;

  constructor(text: string, column: number, expected: string) {
    const found = text.slice(column - 1).split(/\s/u, 1)[0] ?? '';
    const seen = found === '' ? 'its end' : shortened(found);
    super(`at column ${column}, at ${seen}: expected ${expected}`);
    this.column = column;
  }
}

function shortened(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}

/** The expression with a caret below the column; an expression of several lines is shown in one. */
export function pointAt(text: string, column: number): string {
  return `${text.replaceAll(/\s/gu, ' ')}\n${' '.repeat(column - 1)}^`;
}
