/** What a case measures, and how it is told. */

/** One figure, measured several times on both sides. */
export interface Figure {
  readonly name: string;
  readonly unit:
    | 'ms'
    | 's'
    | 'in all'
    | 'of 1'
    | 'MiB'
    | '%'
    | '% of a core'
    | 'per minute'
    | 'per second'
    | 'KiB per 1,000'
    | 'times';
  /** The Java connector, or what else the case names; absent: there is nothing to compare with. */
  readonly baseline?: readonly number[];
  readonly ours: readonly number[];
  readonly goal?: Goal;
}

/** `times`: so many times the baseline at most. `plus`: so much above it at most. `atMost`: without a baseline. */
type Goal = { readonly times: number } | { readonly plus: number } | { readonly atMost: number };

export interface BenchCase {
  readonly name: string;
  /** What is measured, and what bounds it. */
  readonly about: string;
  /** @param quick fewer rounds, for a look */
  run(quick: boolean): Promise<readonly Figure[]>;
}

export interface Row {
  readonly figure: string;
  readonly baseline: string;
  readonly ours: string;
  readonly ratio: string;
  readonly goal: string;
  readonly met: '' | 'yes' | 'no';
}

/** The value below which this share of the values is; NaN without any. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function rowOf({ name, unit, baseline, ours, goal }: Figure): Row {
  const own = median(ours);
  const other = baseline ? median(baseline) : undefined;
  const most = limitOf(goal, other);
  return {
    figure: `${name}, ${unit}`,
    baseline: baseline ? spread(baseline) : '-',
    ours: spread(ours),
    ratio: other === undefined ? '-' : (own / other).toFixed(2),
    goal: goal ? goalText(goal) : '-',
    met: most === undefined ? '' : own <= most ? 'yes' : 'no',
  };
}

function limitOf(goal: Goal | undefined, baseline: number | undefined): number | undefined {
  if (goal === undefined) return undefined;
  if ('atMost' in goal) return goal.atMost;
  if (baseline === undefined) return undefined;
  return 'times' in goal ? baseline * goal.times : baseline + goal.plus;
}

function goalText(goal: Goal): string {
  if ('atMost' in goal) return `at most ${goal.atMost}`;
  return 'times' in goal ? `at most ${goal.times} x` : `at most + ${goal.plus}`;
}

/** Median, and what was least and most. */
function spread(values: readonly number[]): string {
  const shown = [median(values), Math.min(...values), Math.max(...values)].map(short);
  return values.length === 1 ? (shown[0] ?? '') : `${shown[0]} (${shown[1]}-${shown[2]})`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** As a Markdown table with aligned columns, which reads well on a terminal too. */
export function tableOf(rows: readonly Row[]): string {
  const heads = ['figure', 'baseline', 'ours', 'ratio', 'goal', 'met'] as const;
  const lines = [heads, ...rows.map((row) => heads.map((head) => row[head]))];
  const widths = heads.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const text = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [text(head), text(widths.map((width) => '-'.repeat(width))), ...body.map(text)].join('\n');
}
