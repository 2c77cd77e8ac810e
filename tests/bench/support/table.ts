/** Figures as a table for people. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One column for each row given, one line for each figure: a few estates beside each other. */
export function printTable(rows: readonly Readonly<Record<string, number | string>>[]): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  for (const name of names) {
    const cells = rows.map((row) => String(row[name] ?? '-').padStart(16));
    console.log(`${name.padEnd(20)}${cells.join('')}`);
  }
}
