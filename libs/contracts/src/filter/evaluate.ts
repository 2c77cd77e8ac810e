/** What a filter expression says of a stage, and why. Pure. */
import { matches } from './pattern.ts';
import type { Comparison, FilterField, FilterNode } from './syntax.ts';

/** What is known of a stage; what is undefined is not known yet. Tags are those of the API. */
export interface FilterSubject {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly stage?: string | undefined;
  readonly endpointTypes?: readonly string[] | undefined;
  /** Absent beside known endpoint types: a REST API. */
  readonly apiType?: 'HTTP' | 'WEBSOCKET' | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** Undefined: it depends on what is not known yet. */
export type Verdict = boolean | undefined;

export function evaluateFilter(node: FilterNode, subject: FilterSubject): Verdict {
  switch (node.kind) {
    case 'comparison':
      return compare(node, subject);
    case 'not': {
      const inner = evaluateFilter(node.of, subject);
      return inner === undefined ? undefined : !inner;
    }
    case 'all':
      return combined(node.of, subject, false);
    case 'any':
      return combined(node.of, subject, true);
  }
}

/** One such verdict decides; else one that is not known leaves it open. */
function combined(parts: readonly FilterNode[], subject: FilterSubject, decisive: boolean): Verdict {
  let isOpen = false;
  for (const part of parts) {
    const verdict = evaluateFilter(part, subject);
    if (verdict === decisive) return decisive;
    isOpen ||= verdict === undefined;
  }
  return isOpen ? undefined : !decisive;
}

function compare(comparison: Comparison, subject: FilterSubject): Verdict {
  const { field, test, negated, values } = comparison;
  const seen = valuesOf(field, subject);
  if (seen === undefined) return undefined;
  if (test === 'exists') return seen.length > 0;
  const plain = isWord(field);
  const fits = (value: string): boolean =>
    values.some((wanted) => {
      const [a, b] = plain ? [wanted.toUpperCase(), value.toUpperCase()] : [wanted, value];
      return test === 'like' ? matches(a, b) : a === b;
    });
  return seen.some(fits) !== negated;
}

/** AWS's own words are compared without their case. */
function isWord(field: FilterField): boolean {
  return 'name' in field && (field.name === 'endpointType' || field.name === 'apiType');
}

/** A tag that is missing has no value, and so equals nothing. */
function valuesOf(field: FilterField, subject: FilterSubject): readonly string[] | undefined {
  if ('tag' in field) {
    const { tags } = subject;
    return Object.hasOwn(tags, field.tag) ? [tags[field.tag] ?? ''] : [];
  }
  const { endpointTypes, apiType } = subject;
  switch (field.name) {
    case 'endpointType':
      return endpointTypes;
    case 'apiType':
      return endpointTypes || apiType ? [apiType ?? 'REST'] : undefined;
    case 'name':
    case 'stage':
    case 'account':
    case 'region': {
      const value = subject[field.name];
      return value === undefined ? undefined : [value];
    }
  }
}

/** One comparison, the value that it saw, and its verdict. */
export interface ExplainedComparison {
  readonly text: string;
  readonly column: number;
  /** Empty: there is none. */
  readonly seen: readonly string[];
  readonly verdict: Verdict;
}

/** Every comparison of the expression, in its order. */
export function explainFilter(node: FilterNode, subject: FilterSubject): ExplainedComparison[] {
  if (node.kind === 'not') return explainFilter(node.of, subject);
  if (node.kind !== 'comparison') return node.of.flatMap((part) => explainFilter(part, subject));
  const { text, column, field } = node;
  return [{ text, column, seen: valuesOf(field, subject) ?? [], verdict: compare(node, subject) }];
}
