/** Patterns of names and stages. Pure. */

/** `*` stands for any text, and nothing else is special. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^]*')}$`, 'u').test(text);
}
