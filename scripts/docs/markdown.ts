/** Formats Markdown like the repository's formatter, so that generated files pass its check. */
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n');
}

export async function format(markdown: string): Promise<string> {
  const config = await prettier.resolveConfig(fileURLToPath(new URL('../../docs/any.md', import.meta.url)));
  return prettier.format(markdown, { ...config, parser: 'markdown' });
}
