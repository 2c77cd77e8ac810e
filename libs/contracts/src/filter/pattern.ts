/** Patterns of names and stages. Pure. */

/**
 * `*` stands for any text, and nothing else is special. The first place of each part is the best one, so nothing is
 * tried twice: a regular expression would take a time that grows with each further `*`, and never end with ten.
 */
export function matches(pattern: string, text: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head) || !text.endsWith(tail)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at + tail.length <= text.length;
}
