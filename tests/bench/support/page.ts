/** The tables of `docs/performance.md`, between two marks. */
import type { BenchCase } from './figure.ts';

const begin = '<!-- npm run bench -- --write -->';
const end = '<!-- end -->';

/** The page with new tables. @throws Error when it has no marks */
export function withTables(
  page: string,
  cases: readonly BenchCase[],
  results: readonly { readonly name: string; readonly table: string }[],
  facts: string,
): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for tables: ${begin} … ${end}`);
  const sections = results.map(({ name, table }) => {
    const about = cases.find((one) => one.name === name)?.about ?? '';
    return `### ${name}\n\n${wrapped(about)}\n\n${table}\n`;
  });
  return `${page.slice(0, from)}${begin}\n\nMeasured ${facts}.\n\n${sections.join('\n')}\n${page.slice(to)}`;
}

const width = 120;

/** As prettier wraps prose. */
function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
