/** Figures as a table for people. */

/** One column for each row given, one line for each figure: a few estates beside each other. */
export function printTable(rows: readonly Readonly<Record<string, number | string>>[]): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  for (const name of names) {
    const cells = rows.map((row) => String(row[name] ?? '-').padStart(16));
    console.log(`${name.padEnd(20)}${cells.join('')}`);
  }
}
