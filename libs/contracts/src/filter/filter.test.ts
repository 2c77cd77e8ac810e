import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluateFilter, explainFilter, type FilterSubject, type Verdict } from './evaluate.ts';
import { FilterSyntaxError, pointAt } from './filter-syntax-error.ts';
import { filterProblem } from './problem.ts';
import { filterFields, parseFilter, type FilterNode } from './syntax.ts';

const pets: FilterSubject = {
  name: 'pets-v1',
  stage: 'prod',
  tags: { team: 'payments', public: '', 'a key': 'x' },
  endpointTypes: ['REGIONAL'],
  account: '123456789012',
  region: 'eu-west-1',
};

describe('a filter', () => {
  test.each<[expression: string, expected: boolean]>([
    ['tag.team == "payments" && stage in ("prod", "live")', true],
    ["tag.team == 'shipping' || name like 'pets-*'", true],
    ['tag.team != "payments"', false],
    ['tag.none != "x"', true],
    ['tag.none == "x"', false],
    ['tag.public', true],
    ['!tag.none && tag["a key"] == "x"', true],
    ['stage not in ("dev", "test")', true],
    ['name not like "pets*"', false],
    ['apiType == "rest"', true],
    ['endpointType in ("edge", "regional")', true],
    ['endpointType != "PRIVATE"', true],
    ['region == "eu-west-1" && account == "123456789012"', true],
    ['!(stage == "prod") || name == "pets-v1"', true],
    ['stage == "prod" && !tag.team', false],
    ['name == "Pets-v1"', false],
    [String.raw`name == "pets\-v1"`, true],
  ])('%s', (expression, expected) => {
    expect(evaluateFilter(parseFilter(expression), pets)).toBe(expected);
  });

  test.each<[expression: string, expected: Verdict]>([
    ['stage == "prod"', undefined],
    ['stage == "prod" && tag.team == "x"', false],
    ['stage == "prod" && tag.team', undefined],
    ['stage == "prod" || tag.team', true],
    ['!(stage == "prod")', undefined],
  ])('before the stages are known: %s', (expression, expected) => {
    expect(evaluateFilter(parseFilter(expression), { ...pets, stage: undefined })).toBe(expected);
  });

  test('of an HTTP API knows its type', () => {
    const http = { ...pets, apiType: 'HTTP' as const };
    expect(evaluateFilter(parseFilter('apiType == "HTTP"'), http)).toBe(true);
  });
});

describe('what cannot be read says where, and what was expected', () => {
  test.each<[expression: string, column: number, words: string]>([
    ['', 1, 'at its end: expected a field'],
    ['stage == prod', 10, 'at prod: expected a value in quotes'],
    ['stage', 6, 'expected ==, !=, in or like'],
    ['team == "x"', 1, 'expected one of tag.<key>, name, stage'],
    ['stage in "prod"', 10, 'expected ('],
    ['stage in ("prod"', 17, 'at its end: expected )'],
    ['stage not == "x"', 11, 'expected in or like'],
    ['stage == "prod', 10, 'expected a closing "'],
    ['stage == "prod" & tag.x', 17, 'at &: expected a field, a value in quotes'],
    ['stage == "prod" tag.x', 17, 'expected &&, || or the end'],
    ['(stage == "prod"', 17, 'expected )'],
    ['tag[team] == "x"', 5, 'expected a value in quotes'],
    [`${'!'.repeat(60)}tag.x`, 51, 'at most 50 levels'],
    ['x'.repeat(4_001), 4_000, 'at most 4000 characters'],
  ])('%s', (expression, column, words) => {
    expect(filterProblem(expression)).toContain(`at column ${column}, `);
    expect(filterProblem(expression)).toContain(words);
  });

  test('the caret is below the column', () => {
    expect(pointAt('stage ==\n prod', 11)).toBe('stage ==  prod\n          ^');
  });

  test('any text: a tree, or this error', () => {
    const word = fc.constantFrom(
      'tag.a',
      'stage',
      '"x"',
      '==',
      'in',
      'not',
      '(',
      ')',
      '&&',
      '||',
      '!',
      ',',
      '[',
      ' ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        try {
          parseFilter(expression);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterSyntaxError);
          expect((error as FilterSyntaxError).column).toBeLessThanOrEqual(expression.length + 1);
        }
      }),
    );
  });
});

const quoted = (value: string): string => `"${value.replace(/[\\"]/gu, String.raw`\$&`)}"`;

/** An expression and what a naive reading of it says of the pets. */
const expressions = fc.letrec<{ node: readonly [string, boolean] }>((tie) => {
  const value = fc.oneof(fc.constantFrom('pets-v1', 'prod', 'payments'), fc.string());
  const compared = fc.record({
    field: fc.constantFrom('name', 'stage', 'tag.team'),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  });
  const seen: Readonly<Record<string, string>> = { name: 'pets-v1', stage: 'prod', 'tag.team': 'payments' };
  return {
    node: fc.oneof(
      { maxDepth: 4 },
      compared.map(
        ({ field, values }) =>
          [`${field} in (${values.map(quoted).join(',')})`, values.includes(seen[field] ?? '')] as const,
      ),
      tie('node').map(([text, says]) => [`!(${text})`, !says] as const),
      fc.tuple(tie('node'), tie('node')).map(([[a, x], [b, y]]) => [`(${a}) && (${b})`, x && y] as const),
      fc.tuple(tie('node'), tie('node')).map(([[a, x], [b, y]]) => [`${a} || (${b})`, x || y] as const),
    ),
  };
});

test('any expression says what a naive reading of it says', () => {
  fc.assert(
    fc.property(expressions.node, ([text, expected]) => {
      const tree = parseFilter(text);
      expect(evaluateFilter(tree, pets)).toBe(expected);
      // What is not known yet may decide either way, but what is decided stays.
      const early = evaluateFilter(tree, { ...pets, stage: undefined });
      if (early !== undefined) expect(early).toBe(expected);
    }),
  );
});

test('an explanation has each comparison with what it saw', () => {
  const tree: FilterNode = parseFilter('tag.team == "x" && !(stage not in ("dev"))');
  expect(explainFilter(tree, pets)).toEqual([
    { text: 'tag.team == "x"', column: 1, seen: ['payments'], verdict: false },
    { text: 'stage not in ("dev")', column: 22, seen: ['prod'], verdict: true },
  ]);
  expect(filterFields).toContain('apiType');
});
