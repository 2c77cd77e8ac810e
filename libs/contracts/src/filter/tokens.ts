/** The words, values and symbols of a filter expression. Pure. */
import { FilterSyntaxError } from './filter-syntax-error.ts';

export interface Token {
  readonly kind: 'word' | 'value' | 'symbol' | 'end';
  /** As it is written, with its quotes. */
  readonly text: string;
  /** From 1. */
  readonly column: number;
  /** Of a value, without its quotes. */
  readonly value?: string;
}

/** A word may have what a tag's key may have, save for what is a symbol here. */
const pattern =
  /\s*(?:(?<word>[\p{L}\p{N}_][\p{L}\p{N}_.:/+@-]*)|(?<symbol>\|\||&&|==|!=|[!(),[\]])|(?<quote>["']))/uy;

/** @throws FilterSyntaxError */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const begin = text.length - text.slice(at).trimStart().length;
    if (!match)
      throw new FilterSyntaxError(text, begin + 1, 'a field, a value in quotes, or one of == != && || ! ( )');
    const { word, symbol, quote } = match.groups ?? {};
    if (quote !== undefined) {
      const token = quoted(text, begin, quote);
      tokens.push(token);
      at = begin + token.text.length;
    } else {
      tokens.push({
        kind: word === undefined ? 'symbol' : 'word',
        text: word ?? symbol ?? '',
        column: begin + 1,
      });
      at = pattern.lastIndex;
    }
  }
  return tokens;
}

function quoted(text: string, begin: number, quote: string): Token {
  let value = '';
  for (let at = begin + 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === quote)
      return { kind: 'value', text: text.slice(begin, at + 1), column: begin + 1, value };
    if (character === '\\') at += 1;
    value += text[at] ?? '';
  }
  throw new FilterSyntaxError(text, begin + 1, `a closing ${quote}`);
}
