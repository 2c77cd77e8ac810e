/** The results, as text for people and as JSON for machines. */
import { exitCode, type CheckResult, type CheckStatus } from './result.ts';

const words: Readonly<Record<CheckStatus, string>> = {
  ok: 'ok',
  note: 'note',
  failed: 'FAILED',
  skipped: 'skipped',
};
const colours: Readonly<Record<CheckStatus, number>> = { ok: 32, note: 33, failed: 31, skipped: 90 };

export interface TableOptions {
  readonly colours: boolean;
  /** Columns of the terminal; longer lines are broken. */
  readonly width: number;
}

export function table(results: readonly CheckResult[], { colours: coloured, width }: TableOptions): string {
  const paint = (status: CheckStatus, text: string): string =>
    coloured ? `\u001b[${colours[status]}m${text}\u001b[0m` : text;
  const column = Math.max(...results.map(({ check }) => check.length)) + 2;
  const indent = ' '.repeat(column + 9);
  let last = '';
  // Nothing was tried, and a list of skipped checks would not help.
  const shown = exitCode(results) === 2 ? results.filter(({ status }) => status !== 'skipped') : results;
  const rows = shown.flatMap(({ check, subject, status, detail, fix, lines = [] }) => {
    const name = check === last ? '' : check;
    last = check;
    const head = `${name.padEnd(column)}${paint(status, words[status].padEnd(9))}`;
    const text = subject === '' ? detail : `${subject}: ${detail}`;
    const more = [...lines, ...(fix === undefined ? [] : [`-> ${fix}`])];
    return [
      head + broken(text, width, indent),
      ...more.map((line) => `${indent}${broken(line, width, `${indent}   `)}`),
    ];
  });
  return `${[...rows, '', summary(results)].join('\n')}\n`;
}

export function json(results: readonly CheckResult[]): string {
  return `${JSON.stringify({ exitCode: exitCode(results), checks: results }, null, 2)}\n`;
}

function summary(results: readonly CheckResult[]): string {
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  const code = exitCode(results);
  if (code === 2)
    return 'The configuration cannot be used; nothing else was tried. Every key: docs/configuration.md';
  const failed = results.filter(({ status }) => status === 'failed');
  if (code === 1)
    return `${failed.length} failed (${failedNames(failed)}), ${count('skipped')} skipped, ${count('ok')} ok.`;
  return `All good: ${count('ok')} ok, ${count('note')} to note, ${count('skipped')} skipped.`;
}

function failedNames(failed: readonly CheckResult[]): string {
  return [...new Set(failed.map(({ check }) => check))].join(', ');
}

/**
 * Breaks the text at blanks, so that every line but the first is indented to its column. A word that is too long is not
 * broken.
 */
function broken(text: string, width: number, indent: string): string {
  const room = Math.max(30, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}
