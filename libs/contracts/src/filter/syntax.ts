/**
 * The filter expression: its tree and its parser. Pure.
 *
 * ```text
 * any         = all { "||" all }
 * all         = not { "&&" not }
 * not         = "!" not | "(" any ")" | comparison
 * comparison  = tag                       the API has this tag
 *             | field ( "==" | "!=" ) value
 *             | field [ "not" ] "in" "(" value { "," value } ")"
 *             | field [ "not" ] "like" value      "*" in the value stands for any text
 * field       = tag | "name" | "stage" | "endpointType" | "apiType" | "account" | "region"
 * tag         = "tag." key | "tag[" value "]"
 * value       = text in double or single quotes; "\" takes the next character as it is
 * ```
 */
import { tokensOf, type Token } from './tokens.ts';
import { FilterSyntaxError } from './filter-syntax-error.ts';

export const filterFields = ['name', 'stage', 'endpointType', 'apiType', 'account', 'region'] as const;

/** A tag by its key, or a field. */
export type FilterField = { readonly tag: string } | { readonly name: (typeof filterFields)[number] };

export interface Comparison {
  readonly kind: 'comparison';
  readonly field: FilterField;
  /** `exists` is for tags alone. */
  readonly test: 'exists' | 'in' | 'like';
  /** `!=`, `not in` and `not like`. */
  readonly negated: boolean;
  readonly values: readonly string[];
  /** The text of the comparison, and where it begins (from 1). */
  readonly text: string;
  readonly column: number;
}

export type FilterNode =
  | Comparison
  | { readonly kind: 'not'; readonly of: FilterNode }
  | { readonly kind: 'all' | 'any'; readonly of: readonly FilterNode[] };

/** Longer ones are a mistake, and deeper ones could exhaust the stack. */
const [longest, deepest] = [4_000, 50];

/** @throws FilterSyntaxError */
export function parseFilter(text: string): FilterNode {
  if (text.length > longest) throw new FilterSyntaxError(text, longest, `at most ${longest} characters`);
  const tokens = tokensOf(text);
  let at = 0;
  let depth = 0;

  const peek = (): Token => tokens[at] ?? end;
  const end: Token = { kind: 'end', text: '', column: text.length + 1 };
  const fail = (expected: string, { column } = peek()): never => {
    throw new FilterSyntaxError(text, column, expected);
  };
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const take = (symbol: string): boolean => {
    const { kind, text: found } = peek();
    if (kind === 'value' || found !== symbol) return false;
    at += 1;
    return true;
  };
  const need = (symbol: string): void => {
    if (!take(symbol)) fail(symbol);
  };

  function chain(kind: 'all' | 'any', symbol: string, part: () => FilterNode): FilterNode {
    const first = part();
    const parts = [first];
    while (take(symbol)) parts.push(part());
    return parts.length === 1 ? first : { kind, of: parts };
  }
  const any = (): FilterNode => chain('any', '||', () => chain('all', '&&', not));

  function not(): FilterNode {
    depth += 1;
    if (depth > deepest) fail(`at most ${deepest} levels of ! and (`);
    try {
      if (take('!')) return { kind: 'not', of: not() };
      if (!take('(')) return comparison();
      const inner = any();
      need(')');
      return inner;
    } finally {
      depth -= 1;
    }
  }

  function comparison(): FilterNode {
    const first = peek();
    const field = fieldOf();
    const negated = take('not');
    const one = (test: Comparison['test'], values: readonly string[], isNot = negated): Comparison => {
      const last = tokens[at - 1] ?? first;
      const whole = text.slice(first.column - 1, last.column - 1 + last.text.length);
      return { kind: 'comparison', field, test, negated: isNot, values, text: whole, column: first.column };
    };
    if (take('in')) return one('in', list());
    if (take('like')) return one('like', [value()]);
    if (negated) return fail('in or like');
    if (take('==')) return one('in', [value()]);
    if (take('!=')) return one('in', [value()], true);
    if ('tag' in field) return one('exists', []);
    return fail('==, !=, in or like');
  }

  function list(): string[] {
    need('(');
    const values = [value()];
    while (take(',')) values.push(value());
    need(')');
    return values;
  }

  function value(): string {
    const token = peek();
    if (token.kind !== 'value') fail('a value in quotes');
    return next().value ?? '';
  }

  function fieldOf(): FilterField {
    const token = peek();
    if (token.kind !== 'word') fail('a field such as tag.team, name or stage');
    const { text: word } = next();
    if (word.startsWith('tag.') && word.length > 'tag.'.length) return { tag: word.slice('tag.'.length) };
    if (word === 'tag') {
      need('[');
      const key = value();
      need(']');
      return { tag: key };
    }
    const name = filterFields.find((one) => one === word);
    return name ? { name } : fail(`one of tag.<key>, ${filterFields.join(', ')}`, token);
  }

  const tree = any();
  return peek().kind === 'end' ? tree : fail('&&, || or the end');
}
